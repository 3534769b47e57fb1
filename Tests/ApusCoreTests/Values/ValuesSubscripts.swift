import ApusCore
import TestSupport

/// Expected values computed with NumPy and SciPy.
extension Values {
    static let subscripts: [ValueRow] = [
        ValueRow("position", [3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]) { y[1] },
        ValueRow("last", [4], [12, 13, 14, 15]) { y[-1, 0] },
        ValueRow("range", [2, 4], [4, 5, 6, 7, 8, 9, 10, 11]) { y[0, 1..<3] },
        ValueRow("closed range", [2, 2], [2, 6, 14, 18]) { y[.all, 0...1, 2] },
        ValueRow("from the end", [2, 3, 2], [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23]) { y[.ellipsis, (-2)...] },
        ValueRow("negative range", [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) { y[0, -3..<0] },
        ValueRow("negative range inside", [2, 3, 2], [1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22]) {
            y[.ellipsis, -3..<(-1)]
        },
        ValueRow("up to", [2, 3, 3], [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22]) {
            y[.ellipsis, ..<3]
        },
        ValueRow("up to the last", [2, 3, 3], [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22]) {
            y[.ellipsis, ..<(-1)]
        },
        ValueRow("through", [4], [3, 1, 2, 2]) { v[...(-2)] },
        ValueRow("new axis", [1, 2, 1, 3], [1, -2, 3, 4, 5, -6]) { x[.newAxis, .all, .newAxis] },
        ValueRow("ellipsis", [3], [1, 5, 9]) { y[0, .ellipsis, 1] },
        ValueRow("stride", [3], [3, 2, -1]) { v[stride(from: 0, to: 5, by: 2)] },
        ValueRow("stride back", [3], [-1, 2, 3]) { v[stride(from: 4, through: 0, by: -2)] },
        ValueRow("strided", [2, 3, 2], [9, 11, 5, 7, 1, 3, 21, 23, 17, 19, 13, 15]) {
            y[.all, .strided(by: -1), .strided(from: 1, to: 4, by: 2)]
        },
        ValueRow("empty", [0], []) { v[2..<2] },
        ValueRow("tensor", [2, 2, 4], [8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15]) {
            y[.all, Tensor([Int64(2), -3])]
        },
        ValueRow("two tensors", [2, 3], [15, 19, 23, 3, 7, 11]) {
            y[Tensor([Int64(1), 0]), .all, Tensor([Int64(3), -1])]
        },
        ValueRow("adjacent tensors", [2, 3, 2], [7, 7, 3, 3, 11, 11, 19, 19, 15, 15, 23, 23]) {
            y[.all, Tensor([Int64(1), 0, 2], shape: [3, 1]), Tensor([Int32(3), -1])]
        },
        ValueRow("mask", [4], [1, 3, 4, 5]) { x[x .> 0] },
        ValueRow("mask of rows", [1, 3], [4, 5, -6]) { x[x[.all, 0] .> 2] },
        ValueRow("mask of inner axes", [5], [19, 20, 21, 22, 23]) { y[1, y[0] .> 6] },
        ValueRow("gatherND", [2, 4], [20, 21, 22, 23, 0, 1, 2, 3]) {
            y.gatherND(Tensor([Int64(1), 2, 0, 0], shape: [2, 2]))
        },
    ]
}
