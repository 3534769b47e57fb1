import ApusCore
import TestSupport

/// Expected values computed with NumPy and SciPy.
extension Values {
    static let products: [ValueRow] = [
        ValueRow("inner", [2, 2], [14, -24, -24, 77]) { inner(x, x) },
        ValueRow("inner of scalars", [2, 3], [2, -4, 6, 8, 10, -12]) { inner(x, Tensor(2, dtype: .float64)) },
        ValueRow(
            "outer", [5, 6],
            [
                3, -6, 9, 12, 15, -18, 1, -2, 3, 4, 5, -6, 2, -4, 6, 8, 10, -12, 2, -4, 6, 8, 10, -12, -1, 2, -3, -4,
                -5, 6,
            ]
        ) { outer(v, x) },
        ValueRow("vdot", [], [91]) { vdot(x, x) },
        ValueRow("vecdot", [2, 4], [160, 214, 280, 358, 1600, 1798, 2008, 2230]) { vecdot(y, y * 2, axis: 1) },
        ValueRow("tensordot", [4], [24, 29, 34, 39]) { tensordot(x, y, axes: ([0, 1], [0, 1])) },
        ValueRow("tensordot of one", [3, 3], [17, 18, -21, 18, 29, -36, -21, -36, 45]) {
            tensordot(x.transposed(), x, axes: 1)
        },
        ValueRow(
            "tensordot of none", [5, 5],
            [9, 3, 6, 6, -3, 3, 1, 2, 2, -1, 6, 2, 4, 4, -2, 6, 2, 4, 4, -2, -3, -1, -2, -2, 1]
        ) { tensordot(v, v, axes: 0) },
        ValueRow("pairwiseDistances", [2, 2], [1.7320508075688772, 12, 11.832159566199232, 1.7320508075688772]) {
            x.pairwiseDistances(to: x + 1)
        },
        ValueRow("pairwiseDistances of order 1", [2, 2], [3, 20, 18, 3]) { x.pairwiseDistances(to: x + 1, order: 1) },
        ValueRow(
            "hadamardTransform", [2, 3, 4],
            [3, -1, -2, 0, 11, -1, -2, 0, 19, -1, -2, 0, 27, -1, -2, 0, 35, -1, -2, 0, 43, -1, -2, 0]
        ) { y.hadamardTransform() },
        ValueRow("isInTop", [2], [1, 0]) { Tensor([Int64(0), 2]).isInTop(2, of: x) },
        ValueRow("correlate valid 3", [3], [2, -2, -2.5]) { correlate(v, w3, mode: .valid) },
        ValueRow("correlate turned valid 3", [3], [-2.5, -2, 2]) { correlate(w3, v, mode: .valid) },
        ValueRow("convolve valid 3", [3], [1.5, -1.5, -4]) { convolve(w3, v, mode: .valid) },
        ValueRow("correlate valid 2", [4], [9, 8, 10, 1]) { correlate(v, w2, mode: .valid) },
        ValueRow("correlate turned valid 2", [4], [1, 10, 8, 9]) { correlate(w2, v, mode: .valid) },
        ValueRow("convolve valid 2", [4], [11, 7, 10, 4]) { convolve(w2, v, mode: .valid) },
        ValueRow("correlate valid 4", [2], [18, 7]) { correlate(v, v[0..<4], mode: .valid) },
        ValueRow("convolve valid 4", [2], [16, 5]) { convolve(v, v[0..<4], mode: .valid) },
        ValueRow("correlate same 3", [5], [-5.5, 2, -2, -2.5, 4]) { correlate(v, w3, mode: .same) },
        ValueRow("correlate turned same 3", [5], [4, -2.5, -2, 2, -5.5]) { correlate(w3, v, mode: .same) },
        ValueRow("convolve same 3", [5], [-5, 1.5, -1.5, -4, 3]) { convolve(w3, v, mode: .same) },
        ValueRow("correlate same 2", [5], [9, 9, 8, 10, 1]) { correlate(v, w2, mode: .same) },
        ValueRow("correlate turned same 2", [5], [1, 10, 8, 9, 9]) { correlate(w2, v, mode: .same) },
        ValueRow("convolve same 2", [5], [6, 11, 7, 10, 4]) { convolve(w2, v, mode: .same) },
        ValueRow("correlate same 4", [5], [8, 9, 18, 7, 6]) { correlate(v, v[0..<4], mode: .same) },
        ValueRow("convolve same 4", [5], [6, 13, 16, 5, 7]) { convolve(v, v[0..<4], mode: .same) },
        ValueRow("correlate full 3", [7], [1.5, -5.5, 2, -2, -2.5, 4, -1]) { correlate(v, w3, mode: .full) },
        ValueRow("correlate turned full 3", [7], [-1, 4, -2.5, -2, 2, -5.5, 1.5]) { correlate(w3, v, mode: .full) },
        ValueRow("convolve full 3", [7], [3, -5, 1.5, -1.5, -4, 3, -0.5]) { convolve(w3, v, mode: .full) },
        ValueRow("correlate full 2", [6], [9, 9, 8, 10, 1, -2]) { correlate(v, w2, mode: .full) },
        ValueRow("correlate turned full 2", [6], [-2, 1, 10, 8, 9, 9]) { correlate(w2, v, mode: .full) },
        ValueRow("convolve full 2", [6], [6, 11, 7, 10, 4, -3]) { convolve(w2, v, mode: .full) },
        ValueRow("correlate full 4", [8], [6, 8, 9, 18, 7, 6, 5, -3]) { correlate(v, v[0..<4], mode: .full) },
        ValueRow("convolve full 4", [8], [9, 6, 13, 16, 5, 7, 2, -2]) { convolve(v, v[0..<4], mode: .full) },
    ]
}
