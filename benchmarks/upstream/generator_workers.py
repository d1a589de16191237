"""For MindSpore's developers: a GeneratorDataset whose elements take a little time (0.2 ms, as a small picture does)
becomes slower with a second thread, by far; the same function in a `map` becomes quicker."""

import time

import mindspore as ms
import mindspore.dataset as ds
import numpy as np

COUNT = 1000


class Source:
    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        time.sleep(2e-4)
        return np.zeros((64, 64, 3), np.uint8), np.int32(index)


def generator(workers):
    return ds.GeneratorDataset(
        Source(), ["image", "index"], shuffle=False, num_parallel_workers=workers, python_multiprocessing=False
    )


def mapped(workers):
    indices = ds.NumpySlicesDataset({"index": np.arange(COUNT)}, shuffle=False)
    return indices.map(Source().__getitem__, "index", ["image", "index"], num_parallel_workers=workers)


def speed(dataset) -> float:
    start = time.perf_counter()
    for _ in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True):
        pass
    return COUNT / (time.perf_counter() - start)


one = None
for make in (generator, mapped):
    for workers in (1, 2):
        best = max(speed(make(workers)) for _ in range(3))
        one = one or best
        print(
            f"{make.__name__:10}{workers} threads: {best:6.0f} a second, {best / one:.2f} (MindSpore {ms.__version__})"
        )
