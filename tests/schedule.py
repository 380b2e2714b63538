"""Which worker runs which file: some begin with the trainer's, the others with the rest, until they meet.

Torch and transformers take seconds to import, and the trainer's tests share adapters that each worker trains for itself: a
worker that has no test of the trainer does neither. Whole files, as with `--dist loadfile`, whose own order begins with the files that
have most tests, and ends with a few slow ones in one worker while the others wait.
"""

from typing import Any

from xdist.scheduler import LoadFileScheduling

TRAINER = "tests/train/"
# Of so many workers one begins with the trainer's tests: they are a third of the work.
SHARE = 3


class FromBothEnds(LoadFileScheduling):
    """The trainer's files lie at the end of the queue."""

    def schedule(self) -> None:
        """Begin, with the files in the order in which they were collected; or go on."""
        self.config.option.loadscopereorder = False
        super().schedule()

    def _assign_work_unit(self, node: Any) -> None:
        if int(node.gateway.id.removeprefix("gw")) % SHARE == 0:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


def trainer_last(items: list[Any]) -> None:
    """Order tests so that the trainer's come last, and else as they were."""
    items.sort(key=lambda item: item.nodeid.startswith(TRAINER))
