"""From strokes to the 784 numbers: each stage does what MNIST's own preparation did."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nnlib
from nnlib.images.handwriting import (
    NothingDrawn,
    bounding_box,
    centre_by_mass,
    centre_of_mass,
    draw_stroke,
    is_small,
    paste,
    prepare,
    rasterize,
    scale_to,
    without_paper,
)

# A blot of ink somewhere on a pad of 56 × 56.
blots = st.tuples(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=24),
        elements=st.sampled_from([0.0, 0.25, 1.0]),
    ),
    st.integers(0, 32),
    st.integers(0, 32),
)


def on_a_pad(blot, top, left, size=56):
    assume(blot.any())
    ink = np.zeros((size, size))
    ink[top : top + blot.shape[0], left : left + blot.shape[1]] = blot
    return ink


def a_seven(across=0.0, down=0.0, zoom=1.0):
    """The strokes of a seven, and the pen, all `zoom` times as large."""
    stroke = np.array([[0.2, 0.2], [0.5, 0.2], [0.35, 0.6]]) * zoom + [across, down]
    return rasterize([stroke], pen=0.08 * zoom)


# Against MNIST.


@pytest.mark.slow
def test_mnists_own_digits_come_through_as_they_are():
    X = nnlib.load_mnist().X_test[::200]
    for x in X:
        np.testing.assert_allclose(prepare(paste(x)).X[0], x, atol=1e-6)


def test_mnists_own_digits_come_back_from_another_place_and_size():
    # Twice as large exactly, so that each of its pixels is still a square of pixels.
    X = nnlib.load_mnist().X_test[:60]
    for x in X:
        ink = paste(x, across=-7, down=-7, zoom=0.5)
        np.testing.assert_allclose(prepare(ink).X[0], x, atol=1e-6)


# The stages.


@given(blots)
def test_the_centre_of_mass_is_in_the_middle_or_ink_is_at_the_edge(where):
    prepared = prepare(on_a_pad(*where))
    top, bottom, left, right = bounding_box(prepared.image)
    for mass, low, high in zip(
        centre_of_mass(prepared.image), (top, left), (bottom, right), strict=True
    ):
        assert abs(mass - 14) <= 0.5 + 1e-9 or low == 0 or high == 28
    # And no ink was lost on the way there.
    assert prepared.image.sum() == pytest.approx(prepared.scaled.sum())


@given(blots)
def test_the_longer_side_is_20_px_and_the_aspect_is_kept(where):
    prepared = prepare(on_a_pad(*where))
    height, width = prepared.cropped.shape
    rows, columns = prepared.scaled.shape
    assert max(rows, columns) == 20
    assert abs(min(rows, columns) - max(1, 20 * min(height, width) / max(height, width))) <= 0.5
    assert (rows >= columns) == (height >= width) or rows == columns


@given(blots, st.integers(0, 32), st.integers(0, 32))
def test_the_place_on_the_pad_does_not_matter(where, top, left):
    blot, *first = where
    prepared = prepare(on_a_pad(blot, *first))
    np.testing.assert_array_equal(prepare(on_a_pad(blot, top, left)).image, prepared.image)


@given(blots, st.integers(2, 4))
def test_the_size_on_the_pad_does_not_matter(where, times):
    ink = on_a_pad(*where)
    top, bottom, left, right = bounding_box(ink)
    enlarged = np.kron(ink[top:bottom, left:right], np.ones((times, times)))
    larger = np.zeros((120, 120))
    larger[: enlarged.shape[0], : enlarged.shape[1]] = enlarged
    np.testing.assert_allclose(prepare(larger).image, prepare(ink).image, atol=1e-12)


def test_strokes_drawn_small_and_in_a_corner_give_the_same_image():
    plain, moved = prepare(a_seven()), prepare(a_seven(0.4, 0.3, zoom=0.5))
    assert plain.box != moved.box
    np.testing.assert_allclose(plain.image, moved.image, atol=0.15)
    assert np.abs(plain.image - moved.image).mean() < 0.01


@given(blots)
def test_scaling_averages_so_it_keeps_the_share_of_ink(where):
    ink = on_a_pad(*where)
    for longest in (7, 20, 56, 90):
        assert scale_to(ink, longest).mean() == pytest.approx(ink.mean())
        assert scale_to(ink, longest).max() <= 1 + 1e-12


def test_an_edge_within_a_pixel_is_grey():
    ink = np.zeros((40, 40))
    ink[:, :3] = 1
    np.testing.assert_allclose(scale_to(ink, 20)[0, :3], [1, 0.5, 0])


# Stages switched off.


def test_without_any_stage_the_pad_is_simply_shrunk():
    ink = a_seven()
    image = prepare(ink, crop=False, scale=False, centre=False).image
    np.testing.assert_allclose(image, ink.reshape(28, 10, 28, 10).mean(axis=(1, 3)))


def test_without_centring_the_digit_stays_where_it_was_drawn():
    left, right = (prepare(a_seven(across), centre=False).image for across in (0.0, 0.4))
    assert centre_of_mass(right)[1] - centre_of_mass(left)[1] > 6
    assert centre_of_mass(right)[0] == pytest.approx(centre_of_mass(left)[0], abs=0.6)
    # Also at the edge of the pad the whole of it is in the image.
    assert prepare(a_seven(0.45, -0.15), centre=False).scaled.sum() == pytest.approx(
        prepare(a_seven(0.45, -0.15), centre=False).image.sum()
    )


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize(("across", "down"), [(0.0, 0.0), (0.1, 0.2), (0.15, 0.1), (-0.05, 0.05)])
def test_without_centring_the_box_keeps_its_middle(across, down, scale):
    prepared = prepare(a_seven(across, down, 0.8), centre=False, scale=scale)
    now = np.add.reduceat(bounding_box(prepared.image), [0, 2]) / 2
    middle, half = np.add.reduceat(prepared.box, [0, 2]) / 20, np.array(prepared.scaled.shape) / 2
    assert now == pytest.approx(middle.clip(half, 28 - half), abs=1.01)  # all of it is in


def test_without_scaling_the_digit_keeps_its_size_on_the_pad():
    prepared = prepare(a_seven(zoom=0.5), scale=False)
    height = (prepared.box[1] - prepared.box[0]) / 10
    assert len(prepared.scaled) == round(height) < 20


def test_without_cropping_the_whole_pad_is_scaled_to_20_px():
    prepared = prepare(a_seven(), crop=False)
    assert prepared.scaled.shape == (20, 20)
    top, bottom, *_ = bounding_box(prepared.image)
    assert bottom - top < 12


# Drawing.


def test_a_straight_stroke_is_as_wide_as_the_pen_and_has_round_ends():
    ink = rasterize([[(0.25, 0.5), (0.75, 0.5)]], pen=0.1, size=200)
    assert ink[:, 100].sum() == pytest.approx(20, abs=0.01)
    assert ink[100].sum() == pytest.approx(100 + 20, abs=0.1)
    area = 100 * 20 + np.pi * 10**2
    assert ink.sum() == pytest.approx(area, rel=2e-3)


def test_a_point_is_a_dot_and_ink_does_not_add_up():
    dot = rasterize([[(0.5, 0.5)]], pen=0.2, size=100)
    assert dot.sum() == pytest.approx(np.pi * 10**2, rel=5e-3)
    np.testing.assert_array_equal(rasterize([[(0.5, 0.5)]] * 3, pen=0.2, size=100), dot)


def test_a_stroke_drawn_piece_by_piece_is_the_same_stroke():
    points = np.random.default_rng(0).random((9, 2))
    pieces = np.zeros((60, 60))
    draw_stroke(pieces, points[:4])
    draw_stroke(pieces, points[3:])
    np.testing.assert_allclose(pieces, rasterize([points], size=60))


def test_what_is_beyond_the_pad_is_lost():
    assert not rasterize([[(1.5, 1.5), (3, 2)]]).any()
    half = rasterize([[(0.0, 0.5)]], pen=0.2, size=100)
    assert half.sum() == pytest.approx(np.pi * 10**2 / 2, rel=1e-2)


def test_a_pasted_digit_is_moved_turned_and_zoomed():
    image = np.zeros((28, 28))
    image[10:18, 13:15] = 1  # a bar in the middle, upright
    plain = paste(image)
    np.testing.assert_array_equal(plain, np.kron(image, np.ones((10, 10))))
    moved = np.roll(plain, (-20, 30), (0, 1))
    np.testing.assert_array_equal(paste(image, across=3, down=-2), moved)
    np.testing.assert_array_equal(paste(image, degrees=90), plain.T)
    assert paste(image, zoom=0.5).sum() == plain.sum() / 4
    corner = np.zeros((28, 28))
    corner[10, 18] = 1  # above, on the right: clockwise it goes down
    row, column = centre_of_mass(paste(corner, degrees=90))
    assert row > 140 and column > 140


def test_a_sample_fills_the_pad_and_what_is_moved_beyond_it_is_lost():
    full = np.ones((28, 28))
    assert (paste(full) == 1).all() and (paste(full.ravel(), size=28) == 1).all()
    half = paste(full, across=14, size=56)
    assert not half[:, :28].any() and (half[:, 28:] == 1).all()
    np.testing.assert_array_equal(paste(full, across=-14, size=56), half[:, ::-1])
    np.testing.assert_array_equal(paste(full, down=14, size=56), half.T)
    np.testing.assert_array_equal(paste(full, down=-14, size=56), half.T[::-1])


@pytest.mark.parametrize(
    ("strokes", "small"),
    [
        ([], True),
        ([[(0.5, 0.5)]], True),
        ([[(0.2, 0.2), (0.43, 0.43)]], True),
        ([[(0.2, 0.2), (0.45, 0.2)]], False),
        ([[(0.2, 0.2), (0.2, 0.45)]], False),
        ([[(0.2, 0.2)], [(0.45, 0.2)]], False),
    ],
)
def test_a_drawing_is_small_in_less_than_three_widths_of_the_pen(strokes, small):
    assert is_small(strokes) is small
    assert is_small([np.multiply(stroke, 0.5) for stroke in strokes], pen=0.04) is small


# What is refused.


@pytest.mark.parametrize(
    "ink, words",
    [
        (np.zeros((30, 40)), r"shape \(30, 40\), but must be a square picture of at least 28"),
        (np.zeros((20, 20)), "at least 28 × 28"),
        (np.zeros((3, 28, 28)), "one number a pixel"),
        (np.full((28, 28), np.nan), "ink is nan in row 0, column 0"),
        (np.full((28, 28), 255), "between 0, blank paper, and 1, covered: .* / 255"),
        (np.full((28, 28), -0.5), "from -0.5 to -0.5"),
        (np.eye(28) * 1.5, r"covered: np\.clip\(ink, 0, 1\)"),
        (np.eye(28) * 255 - 1, "and 1, covered$"),
        (np.where(np.eye(28, k=3), np.inf, 0), "ink is inf in row 0, column 3"),
        (np.full((28, 28), "x"), "must hold numbers"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(ink, words):
    with pytest.raises(ValueError, match=words):
        prepare(ink)


@pytest.mark.parametrize("crop", [True, False])
@pytest.mark.parametrize("centre", [True, False])
def test_an_empty_pad_says_so(crop, centre):
    with pytest.raises(NothingDrawn, match="nothing is drawn: every pixel is 0"):
        prepare(np.zeros((280, 280)), crop=crop, centre=centre)
    with pytest.raises(NothingDrawn, match=r"every pixel is within 10% of 0\.3"):
        prepare(np.full((280, 280), 0.3), crop=crop, centre=centre)
    with pytest.raises(NothingDrawn, match="every pixel is within 10% of 0, "):
        prepare(np.eye(280) * 0.05, crop=crop, centre=centre)
    with pytest.raises(NothingDrawn):
        centre_by_mass(np.zeros((20, 12)))


@pytest.mark.parametrize(
    "strokes, words",
    [
        ([[(0, 0)], [0.1, 0.2, 0.3]], r"stroke 2: a stroke is a list of points \(x, y\)"),
        ([[]], "stroke 1: a stroke is a list"),
        ([[(0, 0, 0)]], r"not \(1, 3\)"),
        ([[(0, np.inf)]], "NaN or infinite"),
        ([[("a", "b")]], "a list of points"),
    ],
)
def test_what_is_no_stroke_is_refused_in_words(strokes, words):
    with pytest.raises(ValueError, match=words):
        rasterize(strokes)


def test_a_pen_and_a_digit_that_cannot_be_are_refused():
    for pen in (0, -0.1, 1.01):
        with pytest.raises(ValueError, match=f"pen={float(pen)} must be a share of the pad"):
            rasterize([[(0, 0)]], pen=pen)
    assert rasterize([[(0.5, 0.5)]], pen=1, size=20).any(axis=0).all()
    with pytest.raises(ValueError, match=r"image has shape \(5, 5\), but a sample has 784"):
        paste(np.zeros((5, 5)))
    with pytest.raises(ValueError, match="zoom=0 must be above 0"):
        paste(np.zeros(784), zoom=0)


# Measured pictures: traces of a few per cent decide nothing.

SCANS = {
    "grain": lambda a, rng: a + rng.normal(0, 0.03, a.shape),
    "much grain": lambda a, rng: a + rng.normal(0, 0.05, a.shape),
    "compression": lambda a, rng: a + rng.integers(-6, 7, a.shape) / 255,
    "grey paper": lambda a, rng: 0.2 + 0.7 * a,
    "grey paper with grain": lambda a, rng: 0.2 + 0.6 * a + rng.normal(0, 0.03, a.shape),
    "pale ink": lambda a, rng: 0.5 * a + rng.normal(0, 0.01, a.shape),
    "dust": lambda a, rng: np.maximum(a, 0.08 * (rng.random(a.shape) < 1e-3)),
    "a trace everywhere": lambda a, rng: np.maximum(a, 0.02),
    "light from the left": lambda a, rng: lit(a, 0.0, 0.4) + rng.normal(0, 0.01, a.shape),
    "light from a corner": lambda a, rng: lit(a, -0.2, 0.2) + rng.normal(0, 0.01, a.shape),
}  # fmt: skip


def lit(a, down, across):
    """A picture of `a` on paper that darkens by so much from the top to the bottom, and across."""
    sides = np.linspace(-0.5, 0.5, len(a))
    paper = down * sides[:, None] + across * sides
    return paper - paper.min() + 0.6 * a


def alike(image, other):
    """The correlation of two images, at the best of nine places: they move by whole pixels."""
    moved = [np.roll(image, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return max(np.corrcoef(one.ravel(), other.ravel())[0, 1] for one in moved)


@given(st.sampled_from(list(SCANS)), st.integers(0, 9999), st.integers(0, 2**32 - 1))
def test_traces_of_a_few_per_cent_decide_neither_what_is_ink_nor_where(scan, which, seed):
    digit = paste(nnlib.load_mnist().X_test[which], zoom=0.7, across=2.0, down=-1.0)
    scanned = np.clip(SCANS[scan](digit, np.random.default_rng(seed)), 0, 1)
    plain, found = prepare(digit), prepare(scanned)
    # Within a pixel of a sample, whose faint edge may be lost.
    assert np.abs(np.subtract(found.box, plain.box)).max() <= 14
    assert alike(found.image, plain.image) > 0.9
    assert found.image[0, 0] == found.image[-1, -1] == 0


@pytest.mark.parametrize("ground", [1.0, 0.8])
def test_black_on_white_is_recognized_and_said(ground):
    paper = ground - 0.7 * a_seven()
    for ink in (paper, np.clip(paper + np.random.default_rng(0).normal(0, 0.03, (280, 280)), 0, 1)):
        with pytest.raises(ValueError, match=r"black on white.*Pass 1 - ink"):
            prepare(ink)
        assert alike(prepare(1 - ink).image, prepare(a_seven()).image) > 0.95


@pytest.mark.parametrize("level", [0.02, 0.3, 0.9, 1.0])
def test_paper_with_nothing_but_traces_is_empty(level):
    rng = np.random.default_rng(0)
    for ink in (np.full((56, 56), level), level - rng.uniform(0, 0.02, (56, 56))):
        with pytest.raises(NothingDrawn, match="nothing is drawn"):
            prepare(ink)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("top", [0, 20, 36])
def test_the_faint_edge_of_a_stroke_is_ink_as_far_as_a_pixel_of_a_sample(width, top):
    ink = np.zeros((56, 56))  # two pixels to one of a sample
    rows = slice(max(top - width, 0), top + 20 + width)
    ink[rows, 20 - width : 30 + width] = 0.05
    ink[top : top + 20, 20:30] = 1
    reach = min(width, 2)
    kept = max(top - reach, 0), min(top + 20 + reach, 56), 20 - reach, 30 + reach
    for turns in range(4):  # whichever side is up
        clean = without_paper(np.rot90(ink, turns))
        assert bounding_box(np.rot90(clean, -turns)) == kept


def test_a_trace_touches_a_stroke_also_at_its_corner_and_further_off_it_is_none():
    ink = np.zeros((56, 56))
    ink[20:30, 20:30] = 1
    for turns in range(4):
        for at, top, left in (((19, 19), 19, 19), ((19, 18), 20, 20), ((19, 25), 19, 20)):
            traced = ink.copy()
            traced[at] = 0.05
            clean = without_paper(np.rot90(traced, turns))
            assert bounding_box(np.rot90(clean, -turns)) == (top, 30, left, 30)


def test_paper_is_what_most_of_all_four_edges_hold():
    ink = np.zeros((28, 28))
    ink[0, 4:18] = ink[-1, 4:18] = ink[4:18, 0] = ink[4:18, -1] = 0.3  # 56 of the 108
    ink[10:18, 10:18] = 1
    assert bounding_box(without_paper(ink)) == (10, 18, 10, 18)


def test_faint_ink_alone_on_clean_paper_is_ink():
    np.testing.assert_allclose(prepare(0.15 * a_seven()).image, 0.15 * prepare(a_seven()).image)


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", ">f4"])
def test_the_type_of_a_picture_does_not_decide_what_becomes_of_it(dtype):
    ink = (a_seven() > 0.5).astype(dtype)
    np.testing.assert_allclose(prepare(ink).image, prepare(ink.astype(np.float64)).image)
    large = np.full((300, 300), 100).astype(dtype)  # in float16 its sum would overflow
    assert centre_of_mass(large) == (149.5, 149.5)
    np.testing.assert_allclose(scale_to(large, 20), 100)


def test_ink_too_large_for_the_square_is_sent_to_be_made_smaller():
    ink = np.zeros((60, 60))
    ink[10:45, 20:30] = 1
    with pytest.raises(ValueError, match=r"35 × 10 pixels, but only 28 × 28 .* scale_to"):
        centre_by_mass(ink)
    assert centre_by_mass(scale_to(ink, 20)).shape == (28, 28)


@pytest.mark.parametrize("turns", range(4))
def test_specks_all_over_are_grain_if_most_of_them_are_alone(turns):
    def specks(pairs, size=56):
        sheet, places = (
            np.zeros((size, size)),
            [(i, j) for i in range(2, 54, 4) for j in range(2, 54, 4)],
        )
        for n, (i, j) in enumerate(places):
            sheet[i : i + (2 if n * 37 % len(places) < pairs else 1), j] = 1
        return np.rot90(sheet, turns)

    with pytest.raises(NothingDrawn, match="nothing is drawn but the paper's grain"):
        without_paper(specks(40))  # 80 of 209 touch another
    np.testing.assert_array_equal(without_paper(specks(72)), specks(72))  # 144 of 241
    corner = specks(0)
    corner[:14] = 0  # not all over
    np.testing.assert_array_equal(without_paper(corner), corner)


@pytest.mark.parametrize("turns", range(4))
def test_where_the_light_falls_from_one_side_the_paper_is_a_plane(turns):
    ink = np.zeros((57, 57))
    ink[20:36, 24:30] = 0.5
    light = np.rot90(np.linspace(0.05, 0.35, 57) + np.zeros((57, 1)), turns)
    clean = without_paper(ink + light)
    np.testing.assert_allclose(clean, (ink > 0) * 1.0, atol=1e-9)
    np.testing.assert_allclose(without_paper(ink + (light + light.T) / 2), clean, atol=1e-9)


def test_a_frame_around_a_picture_is_told_from_black_on_white():
    framed = np.pad(0.5 * a_seven()[3:-3, 3:-3], 3, constant_values=1.0)
    with pytest.raises(ValueError, match="the picture has a frame: along its edge ink is 1, and"):
        without_paper(framed)
    assert bounding_box(without_paper(framed[3:-3, 3:-3])) == bounding_box(a_seven()[3:-3, 3:-3])


def test_dots_in_a_column_are_no_grain():
    ink = np.zeros((56, 56))
    ink[2:54:3, 40] = 1
    assert bounding_box(without_paper(ink)) == (2, 54, 40, 41)


def test_ink_that_fills_the_square_stays_and_none_has_no_centre():
    image = np.zeros((28, 28), np.float16)
    image[0, 0] = image[-1, -1] = image[4, 9] = 0.3
    assert centre_of_mass(image) == pytest.approx(((0 + 27 + 4) / 3, (0 + 27 + 9) / 3))
    grey = np.random.default_rng(0).random((28, 28)).astype(np.float16)
    assert centre_of_mass(grey) == centre_of_mass(grey.astype(np.float64))
    np.testing.assert_array_equal(centre_by_mass(image), image)
    with pytest.raises(NothingDrawn, match="no centre of mass: its ink adds up to 0"):
        centre_of_mass(np.zeros((5, 5)))


@pytest.mark.parametrize(
    ("shape", "cure"),
    [
        ((28, 28, 2), "not transparent"),
        ((28, 28, 4), "not transparent"),
        ((28, 28, 3), "grey"),
        ((784,), r"np.reshape\(ink, \(28, 28\)\)"),
        ((28, 40), "cut a square out"),
        ((40, 28), "cut a square out"),
        ((28, 28, 5), "one number a pixel$"),
        ((20, 40), "one number a pixel$"),
        ((783,), "one number a pixel$"),
    ],
)
def test_what_is_no_square_is_told_what_makes_one_of_it(shape, cure):
    with pytest.raises(ValueError, match=cure):
        prepare(np.full(shape, 0.5))


@pytest.mark.parametrize(("most", "cure"), [(1.5, "clip"), (2.5, "/ 255"), (16.0, "/ 255")])
def test_numbers_a_little_above_one_are_clipped_and_larger_ones_divided(most, cure):
    with pytest.raises(ValueError, match=cure):
        prepare(most * a_seven())


def test_a_stroke_from_top_to_bottom_is_one_from_left_to_right_turned():
    down, right = ([[0.4, 0.2], [0.4, 0.7]], [[0.2, 0.4], [0.7, 0.4]])
    np.testing.assert_allclose(rasterize([down]), rasterize([right]).T, atol=1e-9)
    slanted = rasterize([[[0.2, 0.3], [0.6, 0.7]]])
    np.testing.assert_allclose(slanted, rasterize([[[0.3, 0.2], [0.7, 0.6]]]).T, atol=1e-9)
