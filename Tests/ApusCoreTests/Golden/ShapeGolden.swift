import ApusCore
import TestSupport

func shapeTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["bilinear"] = {
        let (a, b, kernel) = (try $0("a"), try $0("b"), try $0("kernel"))
        let (rows, inputs) = (a.shape.extents.dropLast(), [a.shape[-1], b.shape[-1]])
        let y = einsum(
            "ni,ijo,nj->no", a.reshaped(to: [-1, inputs[0]]), kernel, b.reshaped(to: [-1, inputs[1]]))
        return [y.reshaped(to: Shape(rows + [kernel.shape[-1]])) + (try $0("bias"))]
    }
    table["concatenate"] = { [Tensor.concatenate($0.inputs, axis: try $0.integer("axis"))] }
    table["dense"] = { [matmul(try $0("input"), try $0("kernel")) + (try $0("bias"))] }
    table["diag_embed"] = unary { $0.diagonalMatrix() }
    table["diagonal"] = { [try $0("input").diagonal(offset: try $0.integer("k"))] }
    table["dot"] = binary { matmul($0, $1) }
    table["einsum"] = { [einsum(try $0.text("equation"), $0.inputs)] }
    table["embedding"] = {
        var rows = try $0("table")
        if $0.has("padding_index") {
            let row = Tensor.range(count: rows.shape[0]).expanded(at: 1)
            rows = Tensor.select(row .== Double(try $0.integer("padding_index")), rows.stopGradient(), rows)
        }
        return [rows.gather(indices: try $0("indices"), axis: 0)]
    }
    table["embedding_bag"] = {
        let rows = try $0("table").gather(indices: try $0("indices"), axis: 0)
        return [try $0.text("mode") == "mean" ? rows.mean(axes: [1]) : rows.sum(axes: [1])]
    }
    table["expand"] = { [try $0("input").broadcast(to: Shape(try $0.integers("shape")))] }
    table["expand_dims"] = { [try $0("input").expanded(at: try $0.integer("axis"))] }
    table["flip"] = { [try $0("input").reversed(axes: try $0.integers("axes"))] }
    table["gather"] = {
        let (axis, indices) = (try $0.integer("axis"), try $0("indices"))
        var x = try $0("input")
        for other in 0..<x.rank where other != axis { x = x.slice(axis: other, 0..<indices.shape[other]) }
        return [x.takeAlong(indices: indices, axis: axis)]
    }
    table["gather_nd"] = {
        let (x, indices) = (try $0("input"), try $0("indices"))
        let depth = indices.shape[-1]
        let strides = Shape(Array(x.shape.extents.prefix(depth))).denseStrides
        let weights = Tensor(strides.map(Int64.init), shape: [depth])
        let rows = x.reshaped(to: Shape([-1] + x.shape.extents.dropFirst(depth)))
        return [rows.gather(indices: (indices.cast(to: .int64) * weights).sum(axes: [-1]), axis: 0)]
    }
    table["im2col"] = {
        [
            try $0("input").patches(
                window: PerAxis(try $0.integers("kernel")), strides: PerAxis(try $0.integers("strides")),
                padding: .explicit(try $0.pairs("padding")))
        ]
    }
    table["index_add"] = {
        let (x, axis) = (try $0("input"), try $0.integer("axis"))
        return [x + (try $0("updates")).scatterAdd(indices: try $0("indices"), axis: axis, extent: x.shape[axis])]
    }
    table["matmul"] = {
        func side(_ tensor: Tensor, _ transposed: Bool) -> Tensor { transposed ? tensor.matrixTransposed() : tensor }
        return [
            matmul(side(try $0("a"), try $0.flag("transpose_a")), side(try $0("b"), try $0.flag("transpose_b")))
        ]
    }
    table["meshgrid"] = {
        let (a, b) = (try $0("a"), try $0("b"))
        let shape: Shape = [a.shape[0], b.shape[0]]
        return [a.expanded(at: 1).broadcast(to: shape), b.expanded(at: 0).broadcast(to: shape)]
    }
    table["one_hot"] = { [oneHot(try $0("indices"), depth: try $0.integer("depth"), dtype: $0.dtype)] }
    table["outer"] = binary { einsum("i,j->ij", $0, $1) }
    table["pad"] = {
        var x = try $0("input")
        var widths = try $0.pairs("padding")
        if let mode = PaddingMode(rawValue: try $0.text("mode")) { return [x.padded(widths, mode: mode)] }
        for (axis, width) in widths.enumerated() {
            x = x.slice(axis: axis, max(0, -width.before)..<x.shape[axis] - max(0, -width.after))
            widths[axis] = (max(0, width.before), max(0, width.after))
        }
        return [x.padded(widths, value: try $0.number("value"))]
    }
    table["repeat"] = { [try $0("input").repeated(try $0.integer("repeats"), axis: try $0.integer("axis"))] }
    table["reshape"] = { [try $0("input").reshaped(to: Shape(try $0.integers("shape")))] }
    table["roll"] = {
        var x = try $0("input")
        for (shift, axis) in zip(try $0.integers("shifts"), try $0.integers("axes")) { x = x.rolled(shift, axis: axis) }
        return [x]
    }
    table["scatter_add"] = {
        let (x, axis) = (try $0("input"), try $0.integer("axis"))
        return [x + (try $0("updates")).scatterAddAlong(indices: try $0("indices"), axis: axis, extent: x.shape[axis])]
    }
    table["searchsorted"] = {
        [try $0("sorted").insertionPoints(of: try $0("values"), right: try $0.text("side") == "right")]
    }
    table["segment_sum"] = {
        [try $0("input").scatterAdd(indices: try $0("segments"), axis: 0, extent: try $0.integer("segments"))]
    }
    table["slice"] = {
        var x = try $0("input")
        let (starts, stops) = (try $0.optionalIntegers("starts"), try $0.optionalIntegers("stops"))
        for (axis, step) in try $0.integers("steps").enumerated() {
            let extent = x.shape[axis]
            func place(_ given: Int?, _ missing: Int) -> Int {
                guard let given else { return missing }
                return min(max(given < 0 ? given + extent : given, step < 0 ? -1 : 0), step < 0 ? extent - 1 : extent)
            }
            let start = place(starts[axis], step < 0 ? extent - 1 : 0)
            let stop = place(stops[axis], step < 0 ? -1 : extent)
            let count = max(0, (stop - start + step - step.signum()) / step)
            x = x.slice(axis: axis, from: start, count: count, step: step)
        }
        return [x]
    }
    table["split"] = { try $0("input").split(sizes: try $0.integers("sizes"), axis: try $0.integer("axis")) }
    table["squeeze"] = {
        var x = try $0("input")
        for axis in try $0.integers("axes").sorted(by: >) { x = x.squeezed(axis) }
        return [x]
    }
    table["stack"] = { [Tensor.stack($0.inputs, axis: try $0.integer("axis"))] }
    table["take"] = { [try $0("input").gather(indices: try $0("indices"), axis: try $0.integer("axis"))] }
    table["take_along_axis"] = {
        [try $0("input").takeAlong(indices: try $0("indices"), axis: try $0.integer("axis"))]
    }
    table["tensordot"] = {
        let (a, b) = (try $0("a"), try $0("b"))
        let (first, second) = (try $0.integers("axes_a"), try $0.integers("axes_b"))
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let left = (0..<a.rank).map { letters[$0] }
        var right = (0..<b.rank).map { letters[a.rank + $0] }
        for (x, y) in zip(first, second) { right[y] = left[x] }
        let output =
            left.indices.filter { !first.contains($0) }.map { left[$0] }
            + right.indices.filter { !second.contains($0) }.map { right[$0] }
        return [einsum("\(String(left)),\(String(right))->\(String(output))", a, b)]
    }
    table["tile"] = { [try $0("input").tiled(try $0.integers("repeats"))] }
    table["transpose"] = { [try $0("input").permuted(try $0.integers("permutation"))] }
    table["tril"] = { [try $0("input").lowerTriangle(diagonal: try $0.integer("k"))] }
    table["triu"] = { [try $0("input").upperTriangle(diagonal: try $0.integer("k"))] }
    table["unfold"] = {
        [
            try $0("input").windows(
                axis: try $0.integer("axis"), size: try $0.integer("size"), step: try $0.integer("step"))
        ]
    }
    return table
}
