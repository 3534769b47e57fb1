import ApusCore
import TestSupport

/// Expected values computed with NumPy and SciPy.
extension Values {
    static let updates: [ValueRow] = [
        ValueRow("replace a row", [2, 3], [1, -2, 3, 7, 8, 9]) {
            x.updating(1, with: Tensor([7.0, 8, 9], shape: [3]))
        },
        ValueRow(
            "replace a range", [2, 3, 4],
            [0, 1, 2, 3, -1, 5, -1, 7, -1, 9, -1, 11, 12, 13, 14, 15, -1, 17, -1, 19, -1, 21, -1, 23]
        ) { y.updating(.all, 1..., .strided(by: 2), with: Tensor(-1, dtype: .float64)) },
        ValueRow("add to a column", [2, 3], [1, -2, 4, 4, 5, -4]) {
            x.updating(.all, -1, with: Tensor([1.0, 2], shape: [2]), by: .add)
        },
        ValueRow("maximum", [2, 3], [1, 0, 3, 4, 5, -6]) {
            x.updating(0, with: Tensor(0, dtype: .float64), by: .maximum)
        },
        ValueRow(
            "by tensors", [2, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 9, 9, 9, 9, 12, 13, 14, 15, 16, 17, 18, 19, 9, 9, 9, 9]
        ) { y.updating(Tensor([Int64(0), 1]), Tensor([Int64(2), -1]), with: Tensor(9, dtype: .float64)) },
        ValueRow("the last value wins", [5], [7, 6, 2, 2, -1]) {
            v.updating(Tensor([Int64(1), 1, 0]), with: Tensor([5.0, 6, 7], shape: [3]))
        },
        ValueRow("add at tensors", [5], [10, 12, 2, 2, -1]) {
            v.updating(Tensor([Int64(1), 1, 0]), with: Tensor([5.0, 6, 7], shape: [3]), by: .add)
        },
        ValueRow("multiply at tensors", [5], [21, 30, 2, 2, -1]) {
            v.updating(Tensor([Int64(1), 1, 0]), with: Tensor([5.0, 6, 7], shape: [3]), by: .multiply)
        },
        ValueRow("minimum at tensors", [5], [3, -5, 2, 2, -1]) {
            v.updating(Tensor([Int64(1), 1, 0]), with: Tensor([-5.0, 6, 7], shape: [3]), by: .minimum)
        },
        ValueRow("by mask", [2, 3], [1, 0, 3, 4, 5, 0]) { x.updating(x .< 0, with: Tensor(0, dtype: .float64)) },
        ValueRow("scattered", [5, 2], [1, 2, 3, -4, 5, 6, 4, 5, 9, 0]) {
            m.scattered(x[.all, 0..<2], at: Tensor([Int64(3), 3]))
        },
        ValueRow("scattered maximum", [5, 2], [1, 2, 3, -4, 5, 6, 4, 8, 9, 0]) {
            m.scattered(x[.all, 0..<2], at: Tensor([Int64(3), 3]), by: .maximum)
        },
        ValueRow(
            "scatteredND", [2, 3, 4],
            [-4, -5, -6, -7, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0, -1, -2, -3]
        ) { y.scatteredND(y[0, 0..<2] * -1, at: Tensor([Int64(1), 2, 0, 0], shape: [2, 2])) },
        ValueRow("scatteredND add", [2, 3], [2, 0, 3, 3, 5, -1]) {
            x.scatteredND(v, at: Tensor([Int64(1), 2, 0, 0, 1, 2, 0, 1, 1, 0], shape: [5, 2]), by: .add)
        },
        ValueRow("segmentSum", [4, 2], [12, -4, 6, 8, 0, 0, -7, 8]) { m.segmentSum(seg, count: 4) },
        ValueRow("segmentMean", [4, 2], [6, -2, 3, 4, 0, 0, -7, 8]) { m.segmentMean(seg, count: 4) },
        ValueRow("segmentProduct", [4, 2], [27, 0, 5, 12, 1, 1, -7, 8]) { m.segmentProduct(seg, count: 4) },
        ValueRow("segmentMax", [4, 2], [9, 0, 5, 6, -99, -99, -7, 8]) { m.segmentMax(seg, count: 4, empty: -99) },
        ValueRow("segmentMin", [4, 2], [3, -4, 1, 2, 0, 0, -7, 8]) { m.segmentMin(seg, count: 4) },
        ValueRow("nonzero", [3, 2], [0, 0, 0, 1, 1, 0]) { i.reshaped(to: [2, 2]).nonzero() },
        ValueRow("nonzero of a scalar", [1, 0], []) { Tensor(3).nonzero() },
        ValueRow("masked", [4], [1, 3, 4, 5]) { x.masked(by: x .> 0) },
        ValueRow("unique", [4], [-1, 1, 2, 3]) { v.unique().values },
        ValueRow("unique inverse", [5], [3, 1, 2, 2, 0]) { v.unique().inverse },
        ValueRow("unique counts", [4], [1, 1, 2, 1]) { v.unique().counts },
        ValueRow("unique with NaN", [6], [-1, 1, 2, 3, 4, .nan]) { n.unique().values },
        ValueRow("isIn", [2, 3], [1, 0, 1, 0, 0, 0]) { x.isIn(v) },
        ValueRow("isIn many", [2, 3, 4], [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]) {
            y.isIn(Tensor.range(count: 90, dtype: .float64) * 3)
        },
    ]
}
