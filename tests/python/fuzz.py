"""One process of test_misuse: random calls of the extension's functions, most of them wrong in an argument or two. Made
in a folder that holds a copy of examples, as any path may be written to. Arguments: seed, how many calls."""

import gc
import inspect
import os
import random
import sys
import threading

import leaks
import numpy as np
from header import defaults_of
from leaks import N, c, good

FUNCTIONS = sorted(name for name in dir(c) if inspect.isbuiltin(getattr(c, name)))
HANDLES = [handle for name, handle in leaks.LOOKING.items() if type(handle).__name__ == "PyCapsule"]
TYPES = "dfqibB?"
NUMBERS = [-1, 0, 1, 2, 3, 5, 9, 40, 41, 99, -(2**31), 2**31 - 1, 2**31, 2**62, 2**63 - 1, -(2**63), 10**30, 10**5000]
REALS = [0.0, -1.0, 0.5, 1e-9, 1e9, 1e308, -1e308, 5e-324, float("nan"), float("inf"), -float("inf")]
TEXTS = ["", "x", "nl", "areas", "a\0b", "é" * 300, "\ud800", "EPSG:4326", "EPSG:28992", "out.gpkg", "out.tif", "{}"]
MANY = ("permutations", "replicates", "simulations")  # take as long as they are told to


class Text(str):
    pass


class Own(int):
    def __index__(self):
        raise LookupError("of the number")


class Index:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        gc.collect()
        return self.value


class Odd:
    def __float__(self):
        raise KeyError("of the number")

    def __bool__(self):
        raise ValueError("of the truth")

    def __repr__(self):
        raise RuntimeError("of the name")


class Shrinking(list):
    def __iter__(self):
        for item in self[:]:
            self.clear()
            yield item


def raising(fraction, message):
    raise LookupError("of progress")


def from_a_thread(fraction, message):
    thread = threading.Thread(target=c.layer_feature_count, args=(leaks.AREAS,))
    thread.start()
    thread.join()


def again(fraction, message):
    c.checklist_measure(leaks.CHECKLIST, leaks.MODEL, 0.9, progress=raising)


ANSWERS = [raising, from_a_thread, again, lambda f, m: 1, lambda f, m: Odd(), lambda f, m: np.zeros(3), lambda: None]


class Fuzz:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.shared = np.zeros(24 * N, np.uint8)  # for arrays that overlap

    def strange(self):
        """Anything."""
        pick = self.random.choice
        count, dtype = pick([0, 1, 2, 3, N - 1, N, N + 1, 64]), pick(TYPES)
        array = np.zeros(count, dtype)
        return pick(
            [
                lambda: None,
                lambda: pick(NUMBERS),
                lambda: pick(REALS),
                lambda: pick([Text("areas"), *TEXTS]),
                lambda: pick([b"", b"abc", bytearray(104 * N), bytearray(87), memoryview(bytearray(88))]),
                lambda: pick([[], [None], [leaks.V] * 50, (leaks.V, leaks.E[:3]), set(), ["a"], ["\ud800"]]),
                lambda: pick([{1: 2}, {"p": array, 5: 1}]),
                lambda: pick([object(), Odd(), Own(3), Index(3), Index(2**70), int]),
                lambda: pick([Shrinking([leaks.V] * 2), Shrinking("ab")]),
                lambda: pick(HANDLES),
                lambda: pick(ANSWERS),
                lambda: np.zeros(count, pick([">f8", ">i4", ">i8", "f2", "c16", "O", "M8[D]", "S3", "U3", "i2", "u8"])),
                lambda: np.zeros((pick([0, 1, 2, N]), pick([0, 1, 2])), dtype),
                lambda: np.zeros(2 * count, dtype)[::2],
                lambda: array[::-1],
                lambda: np.frombuffer(array.tobytes(), dtype),
                lambda: np.frombuffer(bytearray(8 * count + 1), np.uint8)[1:].view(np.float64),
                lambda: self.shared[: count * array.itemsize].view(dtype),
                lambda: pick([(0, 0, 1, 2**62, 0), (0, 0, 0, 8, 8), (0, 0, 1, -1, -64), (0, 0, 1, 2**33, 2**33)]),
                lambda: c.layer_fids(leaks.AREAS),
                lambda: c.layer_to_arrow(leaks.AREAS),
                lambda: array,
            ]
        )()

    def like(self, value):
        """Another one of the same kind, so that it comes further."""
        pick = self.random.choice
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            return self.array_like(value)
        if isinstance(value, (bool, type(None))):
            return pick([True, False, None, 0, 1, 2])
        if isinstance(value, int):
            return pick(NUMBERS[:12])
        if isinstance(value, float):
            return pick(REALS)
        if isinstance(value, str):
            return pick([*TEXTS, value, value + "x"])
        if isinstance(value, dict):
            return {key: self.like(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(map(self.like, value))
        return self.strange()

    def array_like(self, array):
        numbers, count = np.random.default_rng(self.random.randrange(10**6)), len(array)
        if self.random.random() < 0.1:
            count = self.random.choice([0, 1, 2, max(count - 1, 0), count + 1])
        worst = [2**31 - 1, -(2**31)] if array.dtype.kind in "iu" else REALS
        makers = [
            lambda: np.zeros(count),
            lambda: np.full(count, self.random.choice([1, -1, 2, 5, N])),
            lambda: np.full(count, self.random.choice(worst)),
            lambda: numbers.integers(-2, N + 2, count),
            lambda: np.sort(numbers.integers(0, max(count, 1), count)),
            lambda: numbers.uniform(0, 1e6, count),
            lambda: np.resize(array, count) if len(array) else np.zeros(count),
        ]
        with np.errstate(all="ignore"):
            return self.random.choice(makers)().astype(array.dtype)

    def change(self, value):
        return self.like(value) if self.random.random() < 0.75 else self.strange()

    def call(self, name):
        """Arguments and options for a function, of which most are right."""
        arguments, options = good(name)
        arguments = [value.copy() if isinstance(value, np.ndarray) else value for value in arguments]
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 3]) if arguments else 0):
            place = self.random.randrange(len(arguments))
            arguments[place] = self.change(arguments[place])
        if len(arguments) > 1 and self.random.random() < 0.1:
            arguments[0] = arguments[-1]  # in and out the same
        if self.random.random() < 0.05:
            arguments.append(self.strange())
        known = defaults_of(name) or {}
        for _ in range(self.random.choice([0, 1, 2, 4]) if known else 0):
            option = self.random.choice(sorted(known))
            options = {**options, option: 19 if option in MANY else self.change(known[option])}
        return arguments, options


def main(seed, calls):
    fuzz = Fuzz(seed)
    for turn in range(calls):
        name = fuzz.random.choice(FUNCTIONS)
        arguments, options = fuzz.call(name)
        with open("last", "w") as file:
            file.write(f"{turn} {name} {[type(value) for value in arguments]} {list(options)}")
        try:
            getattr(c, name)(*arguments, **options)
        except SystemError as problem:
            sys.exit(f"call {turn}, {name}: {problem}")
        except Exception:  # whatever else: it was said
            pass


if __name__ == "__main__":
    if os.path.samefile("examples", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples")):
        sys.exit("not here: these calls write to any path that they are given")
    main(int(sys.argv[1]), int(sys.argv[2]))
