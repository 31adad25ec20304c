"""A model of how perfpool scales: how many cache lines an operation moves from core to core, and what that makes of its time.

What goes in: counts that the library reports, the times of a cache line's way between two cores (perfpool-pingpong, nothing of
perfpool in it), the time of the harness alone in each pattern, and what an allocation and a free cost where nothing is shared.
"""

from dataclasses import dataclass

BLOCKS = 124  # blocks in a full magazine
HEADER_BYTES, ENTRY_BYTES, LINE = 16, 4, 64
CHAIN = 16  # empty magazines that go to the heap's pile and come from it at once
SLOTS = 64  # open magazines in an outbox
HELD_LINES = 4096  # lines of blocks that an outbox holds at most
TOLERANCE = 0.30


@dataclass(frozen=True)
class Constants:
    """Nanoseconds: one way of a contended word; the lines of a full magazine that another core wrote to, fetched ahead."""

    transfer: float
    lines: float


@dataclass(frozen=True)
class Local:
    """Nanoseconds of an allocation and a free where no line moves from core to core, net of the harness: by one thread; by two
    threads on one core, of which one frees; and by one of two threads on one core that free each other's blocks and their own."""

    alone: float
    remote: float
    mixed: float


def lines_of(blocks):
    """Lines of a magazine that hold this many blocks."""
    return -(-(HEADER_BYTES + ENTRY_BYTES * blocks) // LINE)


def atomics_per_remote_free(blocks_per_magazine):
    """A compare-and-swap to post a magazine, one to take it; one in CHAIN each to put it to the pile as an empty and take it again."""
    return (2 + 2 / CHAIN) / blocks_per_magazine


def lines_per_remote_free(blocks_per_magazine):
    """Shared lines written: a magazine's on the way home and, as an empty, on the way back; the inbox's and the pile's words."""
    return (2 * lines_of(blocks_per_magazine) + 2 + 2 / CHAIN) / blocks_per_magazine


def queueing(utilisation):
    """How much longer an access to a word takes that is in use for that share of the time (one at a time, of equal length)."""
    return 1 + utilisation / (2 * (1 - utilisation)) if utilisation < 1 else float("inf")


def side(constants, blocks, inbox_use=0.0, pile_use=0.0):
    """Nanoseconds that a remote free adds on one side: of the thread that posts, and as much of the one that takes."""
    lines = constants.lines * lines_of(blocks) / lines_of(BLOCKS)
    words = constants.transfer * (queueing(inbox_use) + queueing(pile_use) / CHAIN)
    return (lines + words) / blocks


def remote_share(pattern, cores):
    """Share of the frees that are of other threads' blocks."""
    return {"handoff": 1.0, "burst": 1.0, "swap": (cores - 1) / cores}[pattern]


def shared_words(pattern, cores, constants, blocks, time):
    """Share of the time that an inbox's word and the pile's word are on their way somewhere."""
    moves = 2 * constants.transfer / blocks / time
    inbox = moves * remote_share(pattern, cores)
    # In handoff one thread of each pair puts empties there and the other takes them. In swap each thread has as many as it needs.
    pile = moves / CHAIN * {"handoff": cores / 2, "burst": 1.0, "swap": 0.0}[pattern]
    return inbox, pile


def swap_time(local, threads):
    """An allocation and a free among so many swapping threads, with nothing that moves."""
    remote = (local.mixed - local.alone) / remote_share("swap", 2)
    return local.alone + remote_share("swap", threads) * remote


def own_time(pattern, cores, constants, local, blocks, inbox=0.0, pile=0.0):
    """perfpool's part of the time of an operation."""
    if cores == 1:
        return {"handoff": local.remote, "swap": 2 * swap_time(local, 2), "burst": 2 * local.remote}[pattern]
    step = side(constants, blocks, inbox, pile)
    if pattern == "handoff":  # the two threads work side by side, each has half of the work
        return local.remote / 2 + step
    if pattern == "swap":
        return swap_time(local, cores) + remote_share(pattern, cores) * 2 * step
    # burst: one thread's allocations, then the others' frees and pairs side by side, which are of the owner's blocks as well: they
    # take them out of its inbox. The owner takes its blocks in.
    others = cores - 1
    return local.remote / 2 + 1.5 * local.remote / others + step * (1 + 1 / others)


def harness_time(pattern, cores, harness):
    """The harness's part: measured for 1 and 2 cores. In swap, the more cores the surer a slot comes from another one."""
    if cores <= 2 or pattern != "swap":
        return harness[min(cores, 2)]
    return harness[1] + (harness[2] - harness[1]) * remote_share("swap", cores) / remote_share("swap", 2)


def predict(pattern, cores, constants, local, harness, blocks=BLOCKS):
    """Nanoseconds of an operation: the least time at which no shared word is in use for longer than there is time."""
    base = harness_time(pattern, cores, harness)
    if cores == 1:
        return base + own_time(pattern, 1, constants, local, blocks)
    low, high = base, base + 1e6
    for _ in range(100):
        time = (low + high) / 2
        inbox, pile = shared_words(pattern, cores, constants, blocks, time)
        if base + own_time(pattern, cores, constants, local, blocks, inbox, pile) > time:
            low = time
        else:
            high = time
    return high


def within(predicted, measured):
    return abs(predicted / measured - 1) <= TOLERANCE


def blocks_per_magazine(owners, frees=200000):
    """What an outbox makes of frees for that many other owners in random order: the mean number of blocks in a posted magazine."""
    state, held, posted = 88172645463325252, 0, 0
    slots = [None] * SLOTS  # (owner, blocks), oldest first by `opened`
    opened = {}

    def post(slot):
        nonlocal held, posted
        held -= slots[slot][1]
        posted += 1
        slots[slot] = None
        del opened[slot]

    for number in range(frees):
        state ^= (state << 13) & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 7
        state ^= (state << 17) & 0xFFFFFFFFFFFFFFFF
        owner = (state >> 11) % owners
        slot = owner % SLOTS
        if slots[slot] is not None and slots[slot][0] != owner:
            post(slot)
        if slots[slot] is None:
            slots[slot] = [owner, 0]
            opened[slot] = number
        slots[slot][1] += 1
        held += 1
        if slots[slot][1] == BLOCKS:
            post(slot)
        elif held > HELD_LINES:
            post(next(iter(opened)))
    return (frees - held) / posted if posted else float(BLOCKS)


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
