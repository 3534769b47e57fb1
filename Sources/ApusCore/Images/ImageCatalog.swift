extension Catalog {
    static let images: [CatalogEntry] = [
        CatalogEntry(
            "resized", "Images of another size, by interpolation: nearest to Lanczos, antialiased if wanted",
            keras: ["ops.image.resize"], torch: ["nn.functional.interpolate"]),
        CatalogEntry(
            "upsampled", "Images enlarged by whole factors", torch: ["nn.functional.upsample"], mlx: ["Upsample"]),
        CatalogEntry("centerCropped", "The middle of images", torch: ["transforms.functional.center_crop"]),
        CatalogEntry(
            "depthToSpace", "Channels rearranged into blocks of pixels", torch: ["nn.functional.pixel_shuffle"]),
        CatalogEntry(
            "spaceToDepth", "Blocks of pixels rearranged into channels", torch: ["nn.functional.pixel_unshuffle"]),
        CatalogEntry(
            "channelShuffled", "Channels interleaved across groups", torch: ["nn.functional.channel_shuffle"]),
        CatalogEntry(
            "sampled", "Images read at given places, interpolated", keras: ["ops.image.map_coordinates"],
            torch: ["nn.functional.grid_sample"]),
        CatalogEntry("affineGrid", "The places that an affine map reads", torch: ["nn.functional.affine_grid"]),
        CatalogEntry("rotated", "Images turned about their middle", torch: ["transforms.functional.rotate"]),
        CatalogEntry(
            "affinelyWarped", "Images under an affine map", keras: ["ops.image.affine_transform"],
            torch: ["transforms.functional.affine"]),
        CatalogEntry(
            "perspectivelyWarped", "Images under a perspective map", keras: ["ops.image.perspective_transform"],
            torch: ["transforms.functional.perspective"]),
    ]
}
