import ApusCore
import TestSupport

func reductionTable() -> GoldenTable {
    var table: GoldenTable = [:]
    func fold(
        _ function: @escaping (Tensor, _ axes: [Int]?, _ keep: Bool, GoldenArguments) throws -> Tensor
    ) -> GoldenOperation {
        { [try function(try $0("input"), try $0.axes(), try $0.flag("keepdims"), $0)] }
    }
    table["all"] = fold { x, axes, keep, _ in x.all(axes: axes, keepDimensions: keep) }
    table["any"] = fold { x, axes, keep, _ in x.any(axes: axes, keepDimensions: keep) }
    table["count_nonzero"] = { [try $0("input").countNonzero(axes: try $0.axes())] }
    table["max"] = fold { x, axes, keep, _ in x.max(axes: axes, keepDimensions: keep) }
    table["min"] = fold { x, axes, keep, _ in x.min(axes: axes, keepDimensions: keep) }
    table["mean"] = fold { x, axes, keep, _ in x.mean(axes: axes, keepDimensions: keep) }
    table["sum"] = fold { x, axes, keep, _ in x.sum(axes: axes, keepDimensions: keep) }
    table["prod"] = fold { x, axes, keep, _ in x.product(axes: axes, keepDimensions: keep) }
    table["logsumexp"] = fold { x, axes, keep, _ in x.logSumExp(axes: axes, keepDimensions: keep) }
    table["norm"] = fold { x, axes, keep, arguments in
        x.norm(try arguments.number("ord"), axes: axes, keepDimensions: keep)
    }
    table["variance"] = fold { x, axes, keep, arguments in
        x.variance(axes: axes, correction: try arguments.integer("correction"), keepDimensions: keep)
    }
    table["standard_deviation"] = fold { x, axes, keep, arguments in
        x.standardDeviation(axes: axes, correction: try arguments.integer("correction"), keepDimensions: keep)
    }
    table["moments"] = {
        let (x, axes, keep) = (try $0("input"), try $0.axes(), try $0.flag("keepdims"))
        return [x.mean(axes: axes, keepDimensions: keep), x.variance(axes: axes, keepDimensions: keep)]
    }
    table["average"] = {
        let (x, weights, axis) = (try $0("input"), try $0("weights"), try $0.integer("axis"))
        var column = [Int](repeating: 1, count: x.rank)
        column[axis < 0 ? axis + x.rank : axis] = weights.shape[0]
        return [(x * weights.reshaped(to: Shape(column))).sum(axes: [axis]) / weights.sum()]
    }
    for (name, isMaximum) in [("argmax", true), ("argmin", false)] {
        table[name] = {
            let x = try $0("input")
            let keep = try $0.flag("keepdims")
            guard $0.has("axis") else {
                return [isMaximum ? x.flattened().argmax(axis: 0) : x.flattened().argmin(axis: 0)]
            }
            let axis = try $0.integer("axis")
            return [
                isMaximum ? x.argmax(axis: axis, keepDimensions: keep) : x.argmin(axis: axis, keepDimensions: keep)
            ]
        }
    }
    table["bincount"] = { [try $0("input").occurrences(length: try $0.integer("length"))] }
    for (name, isMaximum) in [("cummax", true), ("cummin", false)] {
        table[name] = {
            let (x, axis) = (try $0("input"), try $0.integer("axis"))
            let y = isMaximum ? x.cumulativeMax(axis: axis) : x.cumulativeMin(axis: axis)
            return [y, x.cumulativeWinners(y, axis: axis < 0 ? axis + x.rank : axis, reverse: false)]
        }
    }
    table["cumprod"] = { [try $0("input").cumulativeProduct(axis: try $0.integer("axis"))] }
    table["cumsum"] = { [try $0("input").cumulativeSum(axis: try $0.integer("axis"))] }
    table["logcumsumexp"] = { [try $0("input").cumulativeLogSumExp(axis: try $0.integer("axis"))] }
    table["median"] = {
        [
            try $0("input").median(
                axis: try $0.integer("axis"), lower: try $0.text("rule") == "lower",
                keepDimensions: try $0.flag("keepdims"))
        ]
    }
    table["quantile"] = { arguments in
        let x = try arguments("input")
        let axis = try arguments.integer("axis")
        return [Tensor.stack(try arguments.numbers("q").map { x.quantile($0, axis: axis) })]
    }
    table["sort"] = {
        let (x, axis, descending) = (try $0("input"), try $0.integer("axis"), try $0.flag("descending"))
        return [x.sorted(axis: axis, descending: descending), x.argsort(axis: axis, descending: descending)]
    }
    table["top_k"] = {
        let (x, axis, count) = (try $0("input"), try $0.integer("axis"), try $0.integer("k"))
        if try $0.flag("largest") {
            let (values, indices) = x.topK(count, axis: axis)
            return [values, indices]
        }
        let (values, indices) = (-x).topK(count, axis: axis)
        return [-values, indices]
    }
    return table
}
