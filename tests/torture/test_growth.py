"""Whatever is read, the time for it grows as its size does."""

import time

import pytest

from tests.torture import growth
from tests.torture.growth import FUNCTIONS
from tests.torture.shapes import SHAPES, Shape


@pytest.mark.torture
@pytest.mark.parametrize("name", FUNCTIONS)
def test_twice_a_text_takes_about_twice_the_time(name: str) -> None:
    began = time.monotonic()
    found = [slow for shape in SHAPES if (slow := growth.slow(FUNCTIONS[name], shape))]
    print(f"{name}: {len(SHAPES)} shapes in {time.monotonic() - began:.0f} s")

    assert not found


def test_every_function_takes_every_shape() -> None:
    for shape in SHAPES:
        for function in FUNCTIONS.values():
            growth.seconds_of(function, shape.text(3))


@pytest.mark.torture
def test_a_function_whose_time_grows_with_the_square_is_found() -> None:
    slow = growth.slow(lambda value: [value.count("b") for _ in value], Shape("", "a", ""))

    assert slow is not None
    assert slow.seconds[1] > 3 * slow.seconds[0]


def test_a_function_that_looks_at_each_character_once_is_not() -> None:
    assert growth.slow(list, Shape("", "a§ ", "")) is None
