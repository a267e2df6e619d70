"""Enlarging by whole squares, side by side, and the signed difference."""

from __future__ import annotations

import numpy as np
import pytest

from ui.images import BRIGHTER, DARKER, difference, enlarge, enlarge_row

GREY, COLOUR = (1, 2, 3), (3, 2, 3)


def test_every_pixel_becomes_a_square_of_its_own_value():
    image = np.array([0, 50, 100, 150, 200, 255], dtype=np.uint8)
    big = enlarge(image, GREY, 4)
    assert big.shape == (8, 12, 4) and big.dtype == np.uint8
    for row in range(2):
        for column in range(3):
            square = big[4 * row:4 * row + 4, 4 * column:4 * column + 4]
            assert (square[..., :3] == image[3 * row + column]).all()
    assert (big[..., 3] == 255).all()


def test_grey_levels_and_bytes_give_the_same_picture():
    image = np.arange(0, 256, 51, dtype=np.uint8)
    np.testing.assert_array_equal(enlarge(image / 255, GREY, 2), enlarge(image, GREY, 2))


def test_levels_beyond_the_range_are_cut():
    assert enlarge(np.array([-1.0, 2, 0, 0, 0, 0]), GREY, 1)[0, :2, 0].tolist() == [0, 255]


def test_colour_planes_come_first_in_the_data_and_last_in_the_picture():
    image = np.arange(18, dtype=np.uint8)
    np.testing.assert_array_equal(enlarge(image, COLOUR, 1)[..., :3],
                                  image.reshape(3, 2, 3).transpose(1, 2, 0))


def test_a_row_is_its_images_with_transparent_gaps():
    images = np.random.default_rng(0).integers(0, 256, (3, 6), dtype=np.uint8)
    row = enlarge_row(images, GREY, 2, gap=5)
    assert row.shape == (4, 3 * 6 + 2 * 5, 4)
    for k, image in enumerate(images):
        np.testing.assert_array_equal(row[:, 11 * k:11 * k + 6], enlarge(image, GREY, 2))
    assert (row[:, 6:11, 3] == 0).all() and (row[:, 17:22, 3] == 0).all()


def test_difference_has_the_sign_as_colour_and_the_size_as_opacity():
    image = np.array([255, 0, 100, 100, 0, 0], dtype=np.uint8)
    other = np.array([0, 255, 100, 160, 0, 0], dtype=np.uint8)
    picture = difference(image, other, GREY, 3)
    assert picture.shape == (6, 9, 4)
    assert tuple(picture[0, 0]) == (*BRIGHTER, 255)
    assert tuple(picture[0, 3]) == (*DARKER, 255)
    assert picture[0, 6, 3] == 0
    assert tuple(picture[3, 0]) == (*DARKER, 60)


@pytest.mark.parametrize("images", [np.zeros((2, 5), np.uint8), np.zeros((0, 6), np.uint8)])
def test_pixels_that_dont_fit_are_said(images):
    with pytest.raises(ValueError, match=r"don't fit 1×2×3.*6 pixels"):
        enlarge_row(images, GREY, 2)
