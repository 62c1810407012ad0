"""The scheduler itself: a seed is a run, a failure names it, a tame exploration is refused."""

import asyncio

import pytest

from tests.simulation.scheduler import Found, World, explore, run


async def race(world: World) -> None:
    async def runner(name: str) -> None:
        for step in range(5):
            await asyncio.sleep(world.dice.choice((0, 1)))
            world.tell(f"{name}{step}")

    await asyncio.gather(*(runner(name) for name in "abc"))


def test_a_seed_is_always_the_same_run_and_seeds_differ() -> None:
    assert run(race, 7).story == run(race, 7).story
    assert len({tuple(run(race, seed).story) for seed in range(20)}) == 20


def test_a_failure_names_its_seed_and_how_to_run_it_again() -> None:
    async def fails_on_odd(world: World) -> None:
        assert world.dice.random() < 0.5, "odd"

    with pytest.raises(
        Found, match=r"AssertionError: odd[\s\S]*LINLI_SEED=\d+ ./linli test tests/simulation"
    ) as caught:
        explore(fails_on_odd)
    with pytest.raises(Found):
        run(fails_on_odd, caught.value.seed)


def test_an_exploration_that_saw_nothing_of_interest_fails() -> None:
    with pytest.raises(AssertionError, match="never seen: \\['a storm'\\]"):
        explore(race, sometimes=["a storm"], seeds=3)


def test_a_run_in_which_everybody_waits_is_found() -> None:
    async def waits(world: World) -> None:
        await asyncio.Event().wait()

    with pytest.raises(Found, match="everybody waits"):
        run(waits, 1)
