import Apus

/// Shapes that do not fit, and axes, positions and sizes that do not exist.
extension Misuse {
    private static func ones(_ extents: Int...) -> Tensor { Tensor.ones(Shape(extents)) }

    static let shapeRows: [Row] = [
        .reading(
            "values that do not fill the shape",
            "Tensor: 3 values do not fill shape [2, 2] of 4 elements; give as many values as the shape "
                + "has elements"
        ) { Tensor([Float(1), 2, 3], shape: [2, 2]) },
        .reading(
            "a negative extent",
            "operation fill: shape [2, -1] has a negative extent or more elements than memory can hold; "
                + "use extents of 0 or more whose product fits"
        ) { Tensor.zeros([2, -1]) },
        .reading(
            "more elements than memory holds",
            "operation fill: shape [1099511627776, 1099511627776] has a negative extent or more elements "
                + "than memory can hold; use extents of 0 or more whose product fits"
        ) { Tensor.zeros([1 << 40, 1 << 40]) },
        .reading(
            "rows of different lengths",
            "Tensor: the rows have lengths [2, 1]; make them equal"
        ) { Tensor(rows: [[Float(1), 2], [3]]) },
        .reading(
            "a range of endless length",
            "operation range: shape [9223372036854775807] has a negative extent or more elements than memory can "
                + "hold; use extents of 0 or more whose product fits"
        ) { Tensor.range(count: .max) },
        .reading(
            "addition of shapes that do not broadcast",
            "operation add: shapes [2, 3] and [4] do not broadcast: extents 3 and 4 at axis -1; make "
                + "these extents equal, or one of them 1"
        ) { ones(2, 3) + ones(4) },
        .reading(
            "a selection among shapes that do not broadcast",
            "operation select: shapes [2] and [3] do not broadcast: extents 2 and 3 at axis -1; make "
                + "these extents equal, or one of them 1"
        ) {
            Tensor.select(ones(2) .> 0.0, ones(3), ones(3))
        },
        .reading(
            "a broadcast to fewer axes",
            "operation broadcast: shape [2, 3] does not broadcast to [3]; only extents of 1 and missing "
                + "leading axes are repeated"
        ) { ones(2, 3).broadcast(to: [3]) },
        .reading(
            "matrix product with other inner extents",
            "operation matmul: shapes [2, 3] and [4, 5] do not fit: inner extents 3 and 4; the last "
                + "extent of the first must equal the last but one of the second"
        ) { matmul(ones(2, 3), ones(4, 5)) },
        .reading(
            "matrix product of other batches",
            "operation matmul: shapes [2, 3, 4] and [5, 4, 3] do not fit: leading extents [2] and [5] do "
                + "not broadcast; make leading extents equal, or one of them 1"
        ) { matmul(ones(2, 3, 4), ones(5, 4, 3)) },
        .reading(
            "matrix product with a scalar",
            "operation matmul: shapes [] and [2, 2]: a scalar is no matrix; multiply scalars with *"
        ) { matmul(ones(), ones(2, 2)) },
        .reading(
            "convolution of a matrix",
            "operation convolution: input [4, 4] and kernel [3, 3, 1, 8] are not images and a kernel of 1 "
                + "to 3 spatial axes; images are [batch, spatial.., channels], kernels [window.., channels / "
                + "groups, maps]"
        ) { convolution(ones(4, 4), ones(3, 3, 1, 8)) },
        .reading(
            "convolution with other channels",
            "operation convolution: shapes [1, 8, 8, 3] and [3, 3, 1, 4] do not fit with groups 1: 3 "
                + "channels, the kernel [3, 3, 1, 4] takes 1 for each group and gives 4; the kernel's last but "
                + "one extent must be channels / groups, and groups must divide both"
        ) { convolution(ones(1, 8, 8, 3), ones(3, 3, 1, 4)) },
        .reading(
            "convolution with a kernel larger than the image",
            "operation convolution: the window [5, 5] with dilation [1, 1] reaches over 5 cells of "
                + "spatial axis 0, images [2, 2] with padding (0, 0) have 2; use a smaller kernel, larger "
                + "images or padding"
        ) {
            convolution(ones(1, 2, 2, 1), ones(5, 5, 1, 1))
        },
        .reading(
            "convolution with stride 0",
            "operation convolution: stride 0 is out of range; use numbers in 1...4096"
        ) { convolution(ones(1, 8, 8, 1), ones(3, 3, 1, 1), strides: 0) },
        .reading(
            "convolution with too many strides",
            "operation convolution: stride [1, 1, 1] has 3 numbers for 2 spatial axes; give one number, "
                + "or one for each spatial axis"
        ) {
            convolution(ones(1, 8, 8, 1), ones(3, 3, 1, 1), strides: [1, 1, 1])
        },
        .reading(
            "convolution in groups that do not divide",
            "operation convolution: shapes [1, 8, 8, 3] and [3, 3, 1, 4] do not fit with groups 2: 3 "
                + "channels, the kernel [3, 3, 1, 4] takes 1 for each group and gives 4; the kernel's last but "
                + "one extent must be channels / groups, and groups must divide both"
        ) {
            convolution(ones(1, 8, 8, 3), ones(3, 3, 1, 4), groups: 2)
        },
        .reading(
            "causal padding of images",
            "operation convolution: causal padding with 2 spatial axes; use it for sequences [batch, "
                + "time, channels]"
        ) {
            convolution(ones(1, 8, 8, 1), ones(3, 3, 1, 1), padding: .causal)
        },
        .reading(
            "transposed convolution with too much padding",
            "operation transposedConvolution: images [2, 2] and kernel [3, 3, 1, 1] leave an output of "
                + "extents [-14, -14]; use less padding"
        ) {
            transposedConvolution(ones(1, 2, 2, 1), ones(3, 3, 1, 1), padding: .explicit(9))
        },
        .reading(
            "pooling of a vector",
            "operation maxPool: input [5] is not images of 1 to 3 spatial axes; images are [batch, "
                + "spatial.., channels]"
        ) { maxPool(ones(5), window: 2) },
        .reading(
            "pooling with a window of 0",
            "operation averagePool: window extent 0 is out of range; use numbers in 1...4096"
        ) { averagePool(ones(1, 4, 4, 1), window: 0) },
        .reading(
            "pooling with a window larger than the image",
            "operation maxPool: the window [5, 5] with dilation [1, 1] reaches over 5 cells of spatial "
                + "axis 0, images [4, 4] with padding (0, 0) have 4; use a smaller kernel, larger images or "
                + "padding"
        ) { maxPool(ones(1, 4, 4, 1), window: 5) },
        .reading(
            "pooling with padding alone in a window",
            "operation maxPool: padding [2, 2] is not smaller than the window [2, 2]; use a padding that "
                + "leaves a cell of the image in the first window"
        ) {
            maxPool(ones(1, 4, 4, 1), window: 2, padding: .explicit(2))
        },
        .reading(
            "joining nothing",
            "operation concatenate: there are no tensors to join; give at least one"
        ) { Tensor.concatenate([]) },
        .reading(
            "joining shapes that differ elsewhere",
            "operation concatenate: shapes [2, 3] and [2, 4] differ beside axis 0; make all other extents "
                + "equal"
        ) { Tensor.concatenate([ones(2, 3), ones(2, 4)]) },
        .reading(
            "joining along an axis that is not there",
            "operation concatenate: axis 2 does not exist in shape [2, 3] of rank 2; use an axis in "
                + "-2...1"
        ) {
            Tensor.concatenate([ones(2, 3), ones(2, 3)], axis: 2)
        },
        .reading(
            "stacking different shapes",
            "operation concatenate: shapes [1, 2] and [1, 3] differ beside axis 0; make all other extents "
                + "equal"
        ) { Tensor.stack([ones(2), ones(3)]) },
        .reading(
            "sum over an axis that is not there",
            "operation sum: axis -3 does not exist in shape [2, 3] of rank 2; use an axis in -2...1"
        ) { ones(2, 3).sum(axes: [-3]) },
        .reading(
            "sum over an axis twice",
            "operation sum: axis -1 is given twice in [1, -1]; name each axis once"
        ) { ones(2, 3).sum(axes: [1, -1]) },
        .reading(
            "softmax of a scalar",
            "operation softmax: axis -1 does not exist in shape [] of rank 0; a scalar has no axes"
        ) { ones().softmax() },
        .reading(
            "the largest of no elements",
            "operation maximum: shape [0, 3] has no elements to choose from; reduce over axes with at "
                + "least one element"
        ) { ones(0, 3).max() },
        .reading(
            "the position of the largest of no elements",
            "operation argmax: axis 1 of shape [2, 0] has no elements to choose from; use an axis with at "
                + "least one element"
        ) { ones(2, 0).argmax(axis: 1) },
        .reading(
            "another shape with another count",
            "operation reshape: the 6 elements of shape [2, 3] do not fill [4, -1]; use extents whose "
                + "product divides the number of elements beside -1"
        ) { ones(2, 3).reshaped(to: [4, -1]) },
        .reading(
            "another shape beyond all numbers",
            "operation reshape: the 6 elements of shape [2, 3] do not fill [9223372036854775807, "
                + "9223372036854775807, -1]; use extents whose product divides the number of elements beside -1"
        ) { ones(2, 3).reshaped(to: [.max, .max, -1]) },
        .reading(
            "an order that names an axis twice",
            "operation permute: [0, 0] is not an order of the 2 axes of shape [2, 3]; name each axis once"
        ) { ones(2, 3).permuted([0, 0]) },
        .reading(
            "a new axis too far out",
            "operation expanded: position 4 does not exist for shape [2, 3]; use a position in -3...2"
        ) { ones(2, 3).expanded(at: 4) },
        .reading(
            "removing an axis that is not 1",
            "operation squeezed: axis 0 of shape [2, 3] has extent 2; only axes of extent 1 can be "
                + "removed"
        ) { ones(2, 3).squeezed(0) },
        .reading(
            "flattening from before the first axis",
            "operation flattened: axis -1 does not exist in shape [2, 3]; use an axis in 0...2"
        ) { ones(2, 3).flattened(from: -1) },
        .reading(
            "transposing a vector as a matrix",
            "operation matrixTransposed: shape [3] has fewer than two axes; reshape it to a matrix"
        ) { ones(3).matrixTransposed() },
        .reading(
            "a slice beyond the end",
            "operation slice: range 2..<5 is outside axis 1 of shape [2, 3]; use a range within 0..<3"
        ) { ones(2, 3).slice(axis: 1, 2..<5) },
        .reading(
            "a slice with steps beyond all numbers",
            "operation slice: position 9223372036854775807 is outside axis 0 of shape [4]; use positions "
                + "in 0..<4"
        ) {
            ones(4).slice(axis: 0, from: 1, count: .max, step: 4)
        },
        .reading(
            "a slice with a step of 0",
            "operation slice: 2 elements at distance 0; use a count of 0 or more and a step other than 0"
        ) { ones(4).slice(axis: 0, from: 1, count: 2, step: 0) },
        .reading(
            "a split that does not fill the axis",
            "operation split: sizes [1, 2] do not fill axis 0 of shape [4]; use sizes of 0 or more that "
                + "add up to the axis' extent"
        ) { ones(4).split(sizes: [1, 2])[0] },
        .reading(
            "too few repetitions",
            "operation tiled: repeats [2] for shape [2, 3]; give a count of 0 or more for each of the 2 "
                + "axes"
        ) { ones(2, 3).tiled([2]) },
        .reading(
            "repetitions beyond memory",
            "operation broadcast: shape [9223372036854775807, 2, 1, 3] has a negative extent or more "
                + "elements than memory can hold; use extents of 0 or more whose product fits"
        ) { ones(2, 3).tiled([.max, 1]) },
        .reading(
            "padding that is negative",
            "operation pad: widths (-1, 0) do not fit shape [2]; give a pair of widths in 0...1048576 for "
                + "each axis"
        ) { ones(2).padded([(-1, 0)]) },
        .reading(
            "padding beyond memory",
            "operation pad: widths (9223372036854775807, 9223372036854775807) do not fit shape [2]; give "
                + "a pair of widths in 0...1048576 for each axis"
        ) { ones(2).padded([(.max, .max)]) },
        .reading(
            "more than the largest few",
            "operation topK: 4 elements of axis -1 of shape [3]; use a count in 0...3"
        ) { ones(3).topK(4).values },
        .reading(
            "a quantile beyond 1",
            "operation quantile: the fraction 1.5 is out of range; use 0...1"
        ) { ones(3).quantile(1.5, axis: 0) },
        .reading(
            "an einsum with too many letters",
            "operation einsum: in \"ijk->i\": operand 1, \"ijk\", has 3 letters for shape [2, 3]; name "
                + "each axis by one letter"
        ) { einsum("ijk->i", ones(2, 3)) },
        .reading(
            "an einsum whose extents differ",
            "operation einsum: in \"ij,jk->ik\": axis \"j\" has extents 3 and 4; give axes of one letter "
                + "one extent"
        ) { einsum("ij,jk->ik", ones(2, 3), ones(4, 5)) },
        .reading(
            "an index that is too large",
            "operation gather: index 3 at position 1 is outside 0..<3; use indices from 0 to 2"
        ) { ones(3, 2).gather(indices: Tensor([Int64(0), 3])) },
        .reading(
            "an index that is negative",
            "operation gather: index -1 at position 0 is outside 0..<3; use indices from 0 to 2"
        ) { ones(3, 2).gather(indices: Tensor([Int64(-1)])) },
        .reading(
            "scattering beyond the extent",
            "operation scatterAdd: index 5 at position 1 is outside 0..<4; use indices from 0 to 3"
        ) {
            ones(2).scatterAdd(indices: Tensor([Int64(0), 5]), extent: 4)
        },
        .reading(
            "taking along with other extents",
            "operation takeAlong: shapes [1, 2] and [1, 3] do not broadcast: extents 2 and 3 at axis -1; "
                + "make these extents equal, or one of them 1"
        ) {
            ones(3, 2).takeAlong(indices: Tensor([Int64(0), 1, 0], shape: [1, 3]), axis: 0)
        },
        Row(
            "one number of many",
            "item(): shape [2, 2] has 4 elements, expected one; reduce the tensor first, or read "
                + "array(of:)"
        ) { _ = try ones(2, 2).item() },
    ]
}
