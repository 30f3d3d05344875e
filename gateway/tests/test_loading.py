import gc

import pytest
from audience_gateway.loading import loading


def test_no_garbage_is_looked_for_while_libraries_are_loaded():
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_garbage_is_looked_for_again_after_a_library_that_cannot_be_loaded():
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
