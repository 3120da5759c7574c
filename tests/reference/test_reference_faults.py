"""Faults that ports have had, put into the kernel: each is caught where the collection says.

Beside the stage of each the whole collection is asked whether it is named elsewhere, too.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fortran_library import libraries, solver_on

from lbfgsb77.reference import FAULTS, STAGES, Fault, check, compare, golden, problems, record

# What makes each of the kernel: file, text, and what stands in its place.
CHANGES: dict[str, list[tuple[str, str, str]]] = {
    "trial steps are clamped to the search's window": [
        (
            "more_thuente.f",
            "if (.not. stp >= smallest) stp = smallest",
            "stp = max(stp, state(st_min))",
        ),
        (
            "more_thuente.f",
            "if (.not. stp <= largest) stp = largest",
            "stp = min(stp, state(st_max), largest)",
        ),
    ],
    "a failed search ends the run": [
        (
            "iteration.f",
            """\
      if (isave(i_pairs) > 0) then
         call drop_memory(lsave, isave, dsave)
         return
      end if
""",
            "",
        ),
    ],
    "the curvature is compared with ε·yᵀy": [
        (
            "new_pair.f",
            "updated = .not. dr <= epsilon*(-first_slope*step)",
            "updated = .not. dr <= epsilon*rr",
        ),
        ("new_pair.f", "subroutine new_pair(m, slope,", "subroutine new_pair(rr, m, slope,"),
        (
            "new_pair.f",
            """\
      integer, intent(in) :: m
      double precision, intent(in) :: slope""",
            """\
      double precision, intent(in) :: rr
      integer, intent(in) :: m
      double precision, intent(in) :: slope""",
        ),
        ("iteration.f", "call new_pair(m, dsave", "call new_pair(sum((g - g_old)**2), m, dsave"),
    ],
    "a projected gradient step stands for the Cauchy point": [
        (
            "search_direction.f",
            """\
     &      isave(i_segments), data%stopped, data%rest)
""",
            """\
     &      isave(i_segments), data%stopped, data%rest)
         if (col > 0) then
         block
      integer :: i, j, k
      double precision :: a
      do i = 1, n
         if (status(i) == 3 .or. status(i) == -1) cycle
         a = x(i) - g(i)/theta
         status(i) = 0
         if (nbd(i) == 1 .or. nbd(i) == 2) then
            if (a <= l(i)) then
               a = l(i)
               status(i) = 1
            end if
         end if
         if (nbd(i) >= 2) then
            if (a >= u(i)) then
               a = u(i)
               status(i) = 2
            end if
         end if
         z(i) = a
      end do
      do i = 1, n
         if (status(i) == -1) z(i) = x(i) - g(i)/theta
      end do
      do j = 1, col
         k = mod(head + j - 2, m) + 1
         work(j, c) = dot_product(y(:, k), z - x)
         work(col + j, c) = theta*dot_product(s(:, k), z - x)
      end do
      data%stopped = .true.
         end block
         end if
""",
        ),
    ],
    "a matrix that can't be factored ends the run": [
        (
            "iteration.f",
            """\
            call drop_memory(lsave, isave, dsave)
            cycle
""",
            """\
            task = 'ABNORMAL_TERMINATION_IN_LNSRCH'
            return
""",
        ),
    ],
    "the middle matrix is of the pair before": [
        (
            "search_direction.f",
            "\n      call middle_factor(col,",
            """
      if (isave(i_updates) > m) return
      call middle_factor(col,""",
        ),
    ],
    "factr is relative to f alone": [
        ("iteration.f", "max(abs(f_old), abs(f), 1d0)", "max(abs(f_old), abs(f))"),
    ],
    "pgtol is compared with the gradient itself": [
        ("gradient_measures.c", "    if (p->bounded) {", "    if (0) {"),
    ],
    "a search has one evaluation too few": [
        ("line_search.f", "isave(i_earlier) >= maxls", "isave(i_earlier) >= maxls - 1"),
    ],
    "a search has one evaluation too many": [
        ("line_search.f", "isave(i_earlier) >= maxls", "isave(i_earlier) >= maxls + 1"),
    ],
    "the truncated step is left out": [
        (
            "search_direction.f",
            "if (isave(i_subspace_end) == 1 .and. dsave(d_slope) > 0) then",
            "if (.false.) then",
        ),
    ],
    "equal breakpoints come in another order": [
        ("breakpoint_heap.f", "if (t(i) < t(first)) first = i", "if (t(i) <= t(first)) first = i"),
    ],
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A solver on the kernel with a fault, by the fault's name."""
    made: dict[str, Any] = {}

    def make(name: str) -> Any:
        if name not in made:
            sources = tmp_path_factory.mktemp("fortran")
            for path in libraries().KERNEL.glob("*.[fch]"):
                shutil.copy(path, sources)
            for file, old, new in CHANGES[name]:
                text = Path(sources, file).read_text()
                assert text.count(old) == 1, f"{file} has {text.count(old)} times {old!r}"
                Path(sources, file).write_text(text.replace(old, new))
            flags = ("-O1", "-ffixed-line-length-none")
            try:
                library = libraries().ours(flags, sources)
            except libraries().MissingError as missing:
                pytest.skip(str(missing))
            made[name] = solver_on(library, takes_maxls=True)
        return made[name]

    return make


def run_of(solver: Any, fault: Fault) -> Any:
    reference = golden(fault.problem, fault.setting)
    run = record(solver, fault.problem, interface="fmin_l_bfgs_b", **reference.options)
    return compare(reference, run)


def test_there_is_a_change_for_each_fault_and_a_fault_for_each_change():
    assert [fault.name for fault in FAULTS] == list(CHANGES)
    assert {fault.stage for fault in FAULTS} <= set(STAGES)
    for fault in FAULTS:
        assert problems.get(fault.problem).portable


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_named_problem_catches_it_at_its_evaluation_and_stage(faulty, fault):
    comparison = run_of(faulty(fault.name), fault)
    first, stage = comparison.first_difference, comparison.stage
    assert (first.evaluation, stage.evaluation) == (fault.evaluation, fault.evaluation)
    assert stage.name == fault.stage
    # Of what differs by rounding alone nobody can be sure.
    assert stage.certainty == ("possible" if "breakpoints" in fault.name else "sure")
    if fault.stage == "search step":
        # Both steps are called by their names.
        ours, theirs = stage.explanation.split("; the original takes ")
        assert ours.startswith("trial 2 has the step ")
        assert ours.endswith(", the lower end of the window after the step")
        assert theirs.endswith(", the upper end of the window before the step")
    if fault.stage == "projected gradient":
        reference = golden(fault.problem, fault.setting)
        size = max(abs(reference.evaluations[-1].g))
        assert stage.explanation.endswith(f"; the unprojected one is {size:.3g}")
    report = str(comparison)
    where = f"evaluation {fault.evaluation} (iteration {stage.iteration}, trial {stage.trial})"
    assert f"  stage        {fault.stage}, at {where}; {stage.certainty}\n" in report


# Where one problem shows another stage than that of the fault, a consequence was seen first. How
# many may: measured, with nothing to spare.
ELSEWHERE = {
    "the middle matrix is of the pair before": 12,
    "a projected gradient step stands for the Cauchy point": 3,
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_on_other_problems_it_is_named_too(faulty, fault):
    named = elsewhere = 0
    selection = problems.select(portable=True, finite=True)
    for found in check(faulty(fault.name), selection, interface="fmin_l_bfgs_b"):
        stage = found.comparison.stage
        if stage is not None and stage.certainty == "sure":
            named += stage.name == fault.stage
            elsewhere += stage.name != fault.stage
    assert elsewhere <= ELSEWHERE.get(fault.name, 0)
    assert named > 0 or "breakpoints" in fault.name


def test_a_right_port_has_no_stage(faulty):
    for fault in FAULTS:
        reference = golden(fault.problem, fault.setting)
        run = record("lbfgsb77:fmin_l_bfgs_b", fault.problem, **reference.options)
        assert compare(reference, run).stage is None
