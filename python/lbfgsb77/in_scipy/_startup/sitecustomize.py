"""Read by each Python that ``python -m lbfgsb77 run`` starts: it switches there too."""

import contextlib
import importlib
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != _here]

# Whatever sitecustomize there would be without this one; a module of this name must stay.
_this = sys.modules.pop(__name__)
with contextlib.suppress(ImportError):
    importlib.import_module(__name__)
sys.modules.setdefault(__name__, _this)

if os.environ.get("LBFGSB77_IN_SCIPY") == "1":
    try:
        from lbfgsb77.in_scipy import _hook
    except ImportError:  # a Python that hasn't this package
        pass
    else:
        _hook.install()
