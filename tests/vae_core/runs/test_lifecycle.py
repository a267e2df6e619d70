"""Names of runs; what may start, what may resume; one process a folder."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import new_run
from vae_core.runs.lifecycle import (
    check_resume,
    check_run_id,
    check_start,
    claim,
    claim_variant,
    free_run_id,
    held,
)
from vae_core.runs.run import STATUS, TRAINING_STATE, Run, RunError
from vae_core.runs.status import Status


def test_of_two_that_claim_a_name_one_gets_it(tmp_path):
    run, results = Run(tmp_path / "a"), []
    start = threading.Barrier(8)

    def try_to_claim() -> None:
        start.wait()
        try:
            claim(run)
            results.append("got it")
        except RunError as error:
            results.append(str(error))

    threads = [threading.Thread(target=try_to_claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("got it") == 1
    assert sum("exists already" in result for result in results) == 7


def test_a_run_that_is_held_is_held_against_others(finished):
    with held(finished), pytest.raises(RunError, match="trained by another process"), \
                held(Run(finished.folder)):
        pass
    with held(Run(finished.folder)):
        pass


def test_free_run_id_counts_on(tmp_path):
    assert free_run_id(tmp_path, "a") == "a"
    for taken in ("a", "a-2"):
        (tmp_path / taken).mkdir()
    assert free_run_id(tmp_path, "a") == "a-3"
    assert free_run_id(str(tmp_path), "b") == "b"


@pytest.mark.parametrize("run_id", ["", ".", "..", "../a", "a/b", "a\\b", "/etc", ".hidden", "-x",
                                    "a b", "a\n", "a\0", "é", "~", "a" * 101])
def test_a_name_that_is_no_folder_of_its_own_is_refused(run_id):
    with pytest.raises(ValueError, match="is not allowed: use 1 to 100 letters"):
        check_run_id(run_id)


@given(st.text(max_size=120))
def test_an_accepted_name_stays_inside_its_folder(tmp_path, run_id):
    try:
        check_run_id(run_id)
    except ValueError:
        return
    folder = (tmp_path / run_id).resolve()
    assert folder.parent == tmp_path.resolve() and folder.name == run_id


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True))
def test_every_name_of_the_stated_form_is_accepted(run_id):
    assert check_run_id(run_id) == run_id


# What may start, and what may resume


def test_what_was_trained_is_not_started_over(finished, stopped):
    for run in (finished, stopped):
        with pytest.raises(RunError, match=f"Run '{run.run_id}' exists already: resume it, or"):
            check_start(run)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_what_is_being_trained_is_neither_started_nor_resumed(tmp_path, tiny, state):
    run = new_run(tmp_path / "a")
    run.write_config(tiny())
    run.write_status(Status(state).of_this_process())
    with pytest.raises(RunError, match="exists already"):
        check_start(run)
    with pytest.raises(RunError, match=f"Run 'a' is {state}: stop it before you resume it"):
        check_resume(run)


@pytest.mark.parametrize("status", [Status("failed"), Status("running", pid=2**22 - 1)], ids=str)
def test_what_ended_before_its_first_weights_may_start_again(tmp_path, tiny, status):
    run = new_run(tmp_path / "a")
    check_start(run)
    run.write_config(tiny())
    run.write_status(status)
    check_start(run)
    assert check_resume(run) is False  # and there is no state to resume from


def test_a_name_that_nobody_used_may_start(tmp_path):
    check_start(Run(tmp_path / "new"))


def test_a_stopped_run_resumes_from_its_state(stopped):
    assert check_resume(stopped) is True
    stopped.path(STATUS).unlink()
    assert check_resume(stopped) is True  # a kill before the first status
    stopped.path(TRAINING_STATE).unlink()
    assert check_resume(stopped) is False


def test_a_finished_run_is_not_resumed(finished):
    with pytest.raises(RunError, match="Run 'blobs' is finished: train under another name"):
        check_resume(finished)


def test_a_variant_is_claimed_where_the_name_is_taken(tmp_path):
    assert [claim_variant(tmp_path, "a").run_id for _ in range(3)] == ["a", "a-2", "a-3"]
