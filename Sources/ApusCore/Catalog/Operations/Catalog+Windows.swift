extension Catalog {
    /// Functions of windows that move over channels-last images.
    static let windows: [CatalogEntry] = [
        CatalogEntry(
            "convolution", "Cross-correlation over one to three axes, with strides, dilation and groups",
            keras: ["ops.conv", "ops.depthwise_conv"],
            torch: ["nn.functional.conv1d", "nn.functional.conv2d", "nn.functional.conv3d"],
            mlx: ["conv1d", "conv2d", "conv3d", "convGeneral"]),
        CatalogEntry(
            "transposedConvolution", "The adjoint of a convolution, which enlarges images",
            keras: ["ops.conv_transpose"],
            torch: [
                "nn.functional.conv_transpose1d", "nn.functional.conv_transpose2d", "nn.functional.conv_transpose3d",
            ],
            mlx: ["convTransposed1d", "convTransposed2d", "convTransposed3d"]),
        CatalogEntry(
            "maxPool", "The largest element of each window", keras: ["ops.max_pool"],
            torch: ["nn.functional.max_pool1d", "nn.functional.max_pool2d", "nn.functional.max_pool3d"]),
        CatalogEntry(
            "maxPoolWithPositions", "The largest element of each window, and where it was",
            torch: ["nn.functional.max_pool2d_with_indices"]),
        CatalogEntry(
            "maxUnpool", "Pooled values at the positions that they came from",
            torch: ["nn.functional.max_unpool1d", "nn.functional.max_unpool2d", "nn.functional.max_unpool3d"]),
        CatalogEntry(
            "averagePool", "The mean of each window", keras: ["ops.average_pool"],
            torch: ["nn.functional.avg_pool1d", "nn.functional.avg_pool2d", "nn.functional.avg_pool3d"]),
        CatalogEntry("sumPool", "The sum of each window"),
        CatalogEntry(
            "adaptiveAveragePool", "The means of so many cells, whatever the images' size",
            keras: ["ops.adaptive_average_pool"], torch: ["nn.functional.adaptive_avg_pool2d"]),
        CatalogEntry(
            "adaptiveMaxPool", "The maxima of so many cells, whatever the images' size",
            keras: ["ops.adaptive_max_pool"], torch: ["nn.functional.adaptive_max_pool2d"]),
    ]
}
