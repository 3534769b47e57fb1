import ApusCore
import TestSupport

/// Expected values computed with NumPy and SciPy.
extension Values {
    static let movement: [ValueRow] = [
        ValueRow("split", [2, 3], [3, -2, 1, -6, 5, 4]) { Tensor.concatenate(x.split(3, axis: 1).reversed(), axis: 1) },
        ValueRow("uneven split", [2], [2, -1]) { v.split(2, isEven: false)[1] },
        ValueRow("unstacked", [2, 4], [8, 9, 10, 11, 20, 21, 22, 23]) { y.unstacked(axis: 1)[2] },
        ValueRow("horizontalStack", [2, 6], [1, -2, 3, 1, -2, 3, 4, 5, -6, 4, 5, -6]) {
            Tensor.horizontalStack([x, x])
        },
        ValueRow("horizontalStack of vectors", [10], [3, 1, 2, 2, -1, 3, 1, 2, 2, -1]) {
            Tensor.horizontalStack([v, v])
        },
        ValueRow("verticalStack", [2, 5], [3, 1, 2, 2, -1, 3, 1, 2, 2, -1]) { Tensor.verticalStack([v, v]) },
        ValueRow("depthStack", [2, 3, 2], [1, 1, -2, -2, 3, 3, 4, 4, 5, 5, -6, -6]) { Tensor.depthStack([x, x]) },
        ValueRow("depthStack of vectors", [1, 5, 2], [3, 3, 1, 1, 2, 2, 2, 2, -1, -1]) { Tensor.depthStack([v, v]) },
        ValueRow("columnStack", [5, 2], [3, 3, 1, 1, 2, 2, 2, 2, -1, -1]) { Tensor.columnStack([v, v]) },
        ValueRow("atLeast", [1, 1, 5], [3, 1, 2, 2, -1]) { v.atLeast(rank: 3) },
        ValueRow(
            "movingAxis", [3, 4, 2],
            [0, 12, 1, 13, 2, 14, 3, 15, 4, 16, 5, 17, 6, 18, 7, 19, 8, 20, 9, 21, 10, 22, 11, 23]
        ) { y.movingAxis(0, to: -1) },
        ValueRow(
            "movingAxes", [3, 4, 2],
            [0, 12, 1, 13, 2, 14, 3, 15, 4, 16, 5, 17, 6, 18, 7, 19, 8, 20, 9, 21, 10, 22, 11, 23]
        ) { y.movingAxes([0, 1], to: [-1, 0]) },
        ValueRow(
            "swappingAxes", [4, 3, 2],
            [0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23]
        ) { y.swappingAxes(0, -1) },
        ValueRow("rotated90", [3, 2], [3, -6, -2, 5, 1, 4]) { x.rotated90() },
        ValueRow(
            "rotated90 twice", [2, 3, 4],
            [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12]
        ) { y.rotated90(times: 2, axes: (1, 2)) },
        ValueRow(
            "rotated90 back", [4, 3, 2],
            [3, 15, 7, 19, 11, 23, 2, 14, 6, 18, 10, 22, 1, 13, 5, 17, 9, 21, 0, 12, 4, 16, 8, 20]
        ) { y.rotated90(times: -1, axes: (2, 0)) },
        ValueRow(
            "unflattened", [2, 3, 2, 2],
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]
        ) { y.unflattened(axis: -1, to: [2, -1]) },
        ValueRow("broadcastTogether", [2, 3], [1, 1, 1, 4, 4, 4]) { Tensor.broadcastTogether([x, x[.all, 0..<1]])[1] },
        ValueRow("strided", [3, 2], [3, 2, 1, 2, 2, -1]) { v.strided(shape: [3, 2], strides: [1, 2]) },
        ValueRow("strided backwards", [3], [-1, 2, 3]) { v.strided(shape: [3], strides: [-2], offset: 4) },
        ValueRow("unraveled", [3, 3], [0, 1, 1, 0, 0, 0, 1, 2, 3]) {
            Tensor([Int64(5), 0, 23]).unraveled(in: [2, 3, 4])
        },
        ValueRow(
            "rearrange", [6, 4, 1],
            [0, 1, 2, 3, 12, 13, 14, 15, 4, 5, 6, 7, 16, 17, 18, 19, 8, 9, 10, 11, 20, 21, 22, 23]
        ) { rearrange(y, "a (b c) d -> (c a) d b", ["c": 3]) },
        ValueRow(
            "rearrange the rest", [3, 4, 1, 2],
            [0, 12, 1, 13, 2, 14, 3, 15, 4, 16, 5, 17, 6, 18, 7, 19, 8, 20, 9, 21, 10, 22, 11, 23]
        ) { rearrange(y, "a ... -> ... 1 a") },
        ValueRow(
            "rearrange patches", [4, 6],
            [0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11, 12, 13, 16, 17, 20, 21, 14, 15, 18, 19, 22, 23]
        ) { rearrange(y, "a b (p q) -> (a p) (b q)", ["q": 2]) },
        ValueRow("identity", [2, 4], [0, 1, 0, 0, 0, 0, 1, 0]) { Tensor.identity(rows: 2, columns: 4, diagonal: 1) },
        ValueRow("lowerTriangle", [3, 4], [0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]) {
            Tensor.lowerTriangle(rows: 3, columns: 4, diagonal: -1)
        },
        ValueRow("meshGrid", [5, 2], [3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) { Tensor.meshGrid([v, v[0..<2]])[1] },
        ValueRow("meshGrid xy", [2, 5], [3, 1, 2, 2, -1, 3, 1, 2, 2, -1]) {
            Tensor.meshGrid([v, v[0..<2]], transposesFirst: true)[0]
        },
        ValueRow("vandermonde", [5, 3], [9, 3, 1, 1, 1, 1, 4, 2, 1, 4, 2, 1, 1, -1, 1]) { v.vandermonde(3) },
        ValueRow("vandermonde increasing", [4, 4], [1, 6, 36, 216, 1, -9, 81, -729, 1, 12, 144, 1728, 1, 0, 0, 0]) {
            i.vandermonde(increasing: true)
        },
        ValueRow("multiHot", [2, 5], [0, 1, 0, 1, 0, 0, 0, 0, 1, 0]) {
            Tensor([Int32(1), 3, 3, 7], shape: [2, 2]).multiHot(depth: 5)
        },
        ValueRow("range", [3], [5, 3.5, 2]) { Tensor.range(from: 5, to: 1, by: -1.5) },
        ValueRow("linearSpace", [5], [1, 1.25, 1.5, 1.75, 2]) { Tensor.linearSpace(from: 1, to: 2, count: 5) },
        ValueRow("linearSpace without end", [5], [1, 1.2, 1.4, 1.6, 1.8]) {
            Tensor.linearSpace(from: 1, to: 2, count: 5, includesEnd: false)
        },
        ValueRow("logarithmicSpace", [4], [1, 2.080083823051904, 4.3267487109222245, 9]) {
            Tensor.logarithmicSpace(from: 0, to: 2, count: 4, base: 3)
        },
        ValueRow("geometricSpace", [3], [-2, -7.999999999999999, -32]) {
            Tensor.geometricSpace(from: -2, to: -32, count: 3)
        },
    ]
}
