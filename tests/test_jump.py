"""Which interval of a line search is shown for a jump of f."""

from __future__ import annotations

from lbfgsb77._run.jump import Line


def line(*trials: tuple[float, float, float], rounding: float = 0.0) -> Line:
    """A search from step 0, f = 0, slope 0, with these trials: step, f, slope."""
    search = Line((0.0, 0.0, 0.0), lambda f1, f2: rounding)
    for trial in trials:
        search.add(trial)
    return search


def kept(search: Line) -> tuple[float, float]:
    assert search.jump is not None
    return search.jump.first_step, search.jump.second_step


def test_the_first_disagreement_is_kept() -> None:
    assert kept(line((1.0, 5.0, 0.0))) == (0.0, 1.0)


def test_a_change_within_rounding_or_between_the_slopes_is_none() -> None:
    assert line((1.0, 5.0, 0.0), rounding=5.0).jump is None
    # With slopes 0 and 4 a smooth f changes by 2, or by 4 more or less.
    assert line((1.0, 6.0, 4.0)).jump is None
    assert line((1.0, 6.1, 4.0)).jump is not None


def test_an_interval_of_no_length_is_none() -> None:
    assert line((0.0, 5.0, 0.0)).jump is None


def test_a_narrower_interval_takes_over_below_a_quarter() -> None:
    # f jumps by 10 right after 0, so that every interval from there disagrees by 10.
    assert kept(line((8.0, 10.0, 0.0), (3.0, 10.0, 0.0))) == (0.0, 8.0)
    assert kept(line((8.0, 10.0, 0.0), (2.0, 10.0, 0.0))) == (0.0, 8.0)
    assert kept(line((8.0, 10.0, 0.0), (1.9, 10.0, 0.0))) == (0.0, 1.9)


def test_a_larger_disagreement_takes_over_above_twice() -> None:
    assert kept(line((8.0, 10.0, 0.0), (16.0, 30.0, 0.0))) == (0.0, 8.0)
    assert kept(line((8.0, 10.0, 0.0), (16.0, 30.1, 0.0))) == (8.0, 16.0)


def test_a_disagreement_of_half_the_largest_or_less_never_does() -> None:
    assert kept(line((8.0, 10.0, 0.0), (1.0, 5.0, 0.0))) == (0.0, 8.0)
    # ... and one of more, in a narrow interval, does.
    assert kept(line((8.0, 10.0, 0.0), (1.0, 5.1, 0.0))) == (0.0, 1.0)


def test_the_width_of_the_first_interval_is_remembered() -> None:
    jump = line((8.0, 10.0, 0.0), (1.0, 10.0, 0.0)).jump
    assert jump is not None
    assert (jump.change, jump.predicted, jump.first_width) == (10.0, 0.0, 8.0)
