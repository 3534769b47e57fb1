extension Catalog {
    /// The same elements under other shapes, at other places, or repeated.
    static let movement: [CatalogEntry] = [
        CatalogEntry(
            "reshaped", "Another shape", keras: ["ops.reshape", "ops.view"], torch: ["reshape", "Tensor.view"],
            mlx: ["reshaped"]),
        CatalogEntry(
            "flattened", "Axes joined into one", keras: ["ops.ravel"], torch: ["flatten", "ravel"], mlx: ["flatten"]),
        CatalogEntry("unflattened", "One axis as several", torch: ["unflatten"], mlx: ["unflatten"]),
        CatalogEntry(
            "squeezed", "Axes of extent 1 removed", keras: ["ops.squeeze"], torch: ["squeeze"], mlx: ["squeezed"]),
        CatalogEntry(
            "expanded", "A new axis of extent 1", keras: ["ops.expand_dims"], torch: ["unsqueeze"],
            mlx: ["expandedDimensions"]),
        CatalogEntry(
            "atLeast", "Axes of extent 1 put before the others", torch: ["atleast_1d", "atleast_2d", "atleast_3d"],
            mlx: ["atLeast1D", "atLeast2D", "atLeast3D"]),
        CatalogEntry(
            "permuted", "The axes in another order", keras: ["ops.transpose"], torch: ["permute"], mlx: ["transposed"]),
        CatalogEntry(
            "transposed", "All axes in reverse order", keras: ["ops.transpose"], torch: ["t"], mlx: ["transposed"]),
        CatalogEntry("matrixTransposed", "The last two axes exchanged", torch: ["Tensor.mT"]),
        CatalogEntry(
            "movingAxis", "An axis at another place", keras: ["ops.moveaxis"], torch: ["moveaxis", "movedim"],
            mlx: ["movedAxis"]),
        CatalogEntry("movingAxes", "Axes at other places", keras: ["ops.moveaxis"], torch: ["moveaxis", "movedim"]),
        CatalogEntry(
            "swappingAxes", "Two axes exchanged", keras: ["ops.swapaxes"], torch: ["swapaxes", "transpose"],
            mlx: ["swappedAxes"]),
        CatalogEntry("rotated90", "Turned by quarters", keras: ["ops.rot90"], torch: ["rot90"]),
        CatalogEntry(
            "reversed", "The elements in reverse order along axes", keras: ["ops.flip", "ops.fliplr", "ops.flipud"],
            torch: ["flip", "fliplr", "flipud"]),
        CatalogEntry("rolled", "A circular shift", keras: ["ops.roll"], torch: ["roll"], mlx: ["roll"]),
        CatalogEntry(
            "broadcast", "Repeated to a larger shape", keras: ["ops.broadcast_to"], torch: ["broadcast_to", "expand"],
            mlx: ["broadcast"]),
        CatalogEntry(
            "Tensor.broadcastTogether", "Tensors repeated to their common shape", torch: ["broadcast_tensors"],
            mlx: ["broadcast"]),
        CatalogEntry("tiled", "The whole tensor repeated", keras: ["ops.tile"], torch: ["tile"], mlx: ["tiled"]),
        CatalogEntry(
            "repeated", "Each slice repeated in place", keras: ["ops.repeat"], torch: ["repeat_interleave"],
            mlx: ["repeated"]),
        CatalogEntry("slice", "A part of an axis", keras: ["ops.slice"], torch: ["narrow"]),
        CatalogEntry(
            "subscript", "A part chosen by positions, ranges, strides, tensors and masks", keras: ["ops.get_item"],
            torch: ["Tensor.__getitem__"], mlx: ["subscript"]),
        CatalogEntry(
            "updating", "A part replaced by values or combined with them", keras: ["ops.slice_update"],
            torch: ["slice_scatter", "select_scatter", "index_put"], mlx: ["subscript", "at"]),
        CatalogEntry("padded", "Rows added around", keras: ["ops.pad"], torch: ["nn.functional.pad"], mlx: ["padded"]),
        CatalogEntry(
            "windows", "Sliding windows along an axis", keras: ["ops.extract_sequences"], torch: ["Tensor.unfold"]),
        CatalogEntry(
            "patches", "The patches under a moving window",
            keras: ["ops.image.extract_patches", "ops.image.extract_patches_3d", "ops.unfold"],
            torch: ["nn.functional.unfold"]),
        CatalogEntry(
            "folded", "The sum of patches at their places", keras: ["ops.fold"], torch: ["nn.functional.fold"]),
        CatalogEntry("strided", "The elements seen with other strides", torch: ["as_strided"], mlx: ["asStrided"]),
        CatalogEntry("rearrange", "Axes split, exchanged and joined as a pattern says", keras: ["ops.rearrange"]),
        CatalogEntry(
            "Tensor.concatenate", "One behind the other along an axis", keras: ["ops.concatenate", "ops.append"],
            torch: ["cat", "concat"], mlx: ["concatenated"]),
        CatalogEntry("Tensor.stack", "Along a new axis", keras: ["ops.stack"], torch: ["stack"], mlx: ["stacked"]),
        CatalogEntry("Tensor.horizontalStack", "Side by side", keras: ["ops.hstack"], torch: ["hstack"]),
        CatalogEntry("Tensor.verticalStack", "One below the other", keras: ["ops.vstack"], torch: ["vstack"]),
        CatalogEntry("Tensor.depthStack", "Along the third axis", keras: ["ops.dstack"], torch: ["dstack"]),
        CatalogEntry(
            "Tensor.columnStack", "As columns of a matrix", keras: ["ops.column_stack"], torch: ["column_stack"]),
        CatalogEntry(
            "split", "Pieces of an axis",
            keras: ["ops.split", "ops.array_split", "ops.hsplit", "ops.vsplit", "ops.dsplit"],
            torch: ["split", "chunk", "tensor_split", "hsplit", "vsplit", "dsplit"], mlx: ["split"]),
        CatalogEntry("unstacked", "The slices along an axis", keras: ["ops.unstack"], torch: ["unbind"]),
        CatalogEntry(
            "diagonal", "The diagonal of matrices", keras: ["ops.diagonal", "ops.diag"], torch: ["diagonal", "diag"],
            mlx: ["diagonal", "diag"]),
        CatalogEntry(
            "diagonalMatrix", "Matrices with the last axis on their diagonal", keras: ["ops.diag", "ops.diagflat"],
            torch: ["diag_embed", "diagflat"], mlx: ["diag"]),
        CatalogEntry("lowerTriangle", "Zero above a diagonal", keras: ["ops.tril"], torch: ["tril"], mlx: ["tril"]),
        CatalogEntry("upperTriangle", "Zero below a diagonal", keras: ["ops.triu"], torch: ["triu"], mlx: ["triu"]),
    ]
}
