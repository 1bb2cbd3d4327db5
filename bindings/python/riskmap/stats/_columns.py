"""Results that are arrays of one length side by side."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Columns:
    def _arrays(self) -> dict[str, np.ndarray]:
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: array for name, array in found.items() if isinstance(array, np.ndarray)}

    def to_pandas(self, index: Any = None) -> pandas.DataFrame:
        """A column for each array; needs pandas. `index`: such as that of the frame the values came from."""
        import pandas

        return pandas.DataFrame(self._arrays(), index=index)

    def __len__(self) -> int:
        return len(next(iter(self._arrays().values())))

    def __repr__(self) -> str:
        return f"<riskmap.stats.{type(self).__name__}: {len(self)} rows of {', '.join(self._arrays())}>"
