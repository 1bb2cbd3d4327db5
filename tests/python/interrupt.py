"""How long a call goes on after Ctrl-C."""

import signal
import time

import pytest


def seconds_to_stop(call, after):
    """The least of three tries, as the machine may be busy with other things. The call must take longer than
    `after`."""

    def interrupt(*unused):
        raise KeyboardInterrupt

    tries = []
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        while len(tries) < 3 and min(tries, default=1) > 0.2:
            started = time.perf_counter()
            signal.setitimer(signal.ITIMER_REAL, after)
            with pytest.raises(KeyboardInterrupt):
                call()
            tries.append(time.perf_counter() - started - after)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return min(tries)
