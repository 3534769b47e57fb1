extension Catalog {
    static let images: [CatalogEntry] =
        [
            CatalogEntry(
                "resized", "Images of another size, by interpolation: nearest to Lanczos, antialiased if wanted",
                keras: ["ops.image.resize"], torch: ["nn.functional.interpolate"]),
            CatalogEntry(
                "upsampled", "Images enlarged by whole factors", torch: ["nn.functional.upsample"], mlx: ["Upsample"]),
            CatalogEntry("centerCropped", "The middle of images", torch: ["transforms.functional.center_crop"]),
            CatalogEntry(
                "depthToSpace", "Channels rearranged into blocks of pixels", keras: ["ops.depth_to_space"],
                torch: ["nn.functional.pixel_shuffle"]),
            CatalogEntry(
                "spaceToDepth", "Blocks of pixels rearranged into channels", keras: ["ops.space_to_depth"],
                torch: ["nn.functional.pixel_unshuffle"]),
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
            CatalogEntry(
                "warped", "Images under projective maps of their own",
                keras: ["ops.image.affine_transform", "ops.image.perspective_transform"]),
            CatalogEntry("displaced", "Images whose pixels are moved a little each"),
            CatalogEntry(
                "elasticallyDeformed", "Images deformed at random like rubber", keras: ["ops.image.elastic_transform"],
                torch: ["transforms.functional.elastic"]),
        ] + colors + filters

    private static let colors: [CatalogEntry] = [
        CatalogEntry(
            "grayscale", "Grey images of coloured ones", keras: ["ops.image.rgb_to_grayscale"],
            torch: ["transforms.functional.rgb_to_grayscale"]),
        CatalogEntry(
            "rgbToHSV", "Red, green and blue as hue, saturation and value", keras: ["ops.image.rgb_to_hsv"]),
        CatalogEntry(
            "hsvToRGB", "Hue, saturation and value as red, green and blue", keras: ["ops.image.hsv_to_rgb"]),
        CatalogEntry(
            "adjustedBrightness", "Colours times a factor", torch: ["transforms.functional.adjust_brightness"]),
        CatalogEntry(
            "adjustedContrast", "The distance from the mean grey times a factor",
            torch: ["transforms.functional.adjust_contrast"]),
        CatalogEntry(
            "adjustedSaturation", "The distance from grey times a factor",
            torch: ["transforms.functional.adjust_saturation"]),
        CatalogEntry(
            "adjustedHue", "Hues turned on the colour circle", torch: ["transforms.functional.adjust_hue"]),
        CatalogEntry(
            "adjustedGamma", "Colours to a power", torch: ["transforms.functional.adjust_gamma"]),
        CatalogEntry(
            "adjustedSharpness", "The difference from a blurred image times a factor",
            torch: ["transforms.functional.adjust_sharpness"]),
        CatalogEntry(
            "colorsInverted", "Colours subtracted from white", torch: ["transforms.functional.invert"]),
        CatalogEntry(
            "solarized", "Bright colours subtracted from white", torch: ["transforms.functional.solarize"]),
        CatalogEntry(
            "posterized", "Colours with few bits", torch: ["transforms.functional.posterize"]),
        CatalogEntry(
            "autocontrasted", "Colours stretched to the whole range", torch: ["transforms.functional.autocontrast"]),
        CatalogEntry(
            "equalized", "Colours redistributed to occur equally often", torch: ["transforms.functional.equalize"]),
        CatalogEntry(
            "adaptivelyEqualized", "Colours redistributed by the histograms of tiles, of limited contrast (CLAHE)"),
        CatalogEntry(
            "standardized", "(x - mean) / deviation of each channel", torch: ["transforms.functional.normalize"]),
        CatalogEntry(
            "standardizedPerImage", "Each image with mean 0 and deviation 1"),
    ]

    private static let filters: [CatalogEntry] = [
        CatalogEntry(
            "gaussianBlurred", "Images blurred by a normal distribution", keras: ["ops.image.gaussian_blur"],
            torch: ["transforms.functional.gaussian_blur"]),
        CatalogEntry(
            "sobel", "Slopes of images and their magnitude"),
        CatalogEntry(
            "sobelEdges", "Slopes of images on a new axis", keras: ["ops.image.sobel_edges"]),
        CatalogEntry(
            "Tensor.gaborKernel", "A wave under a bell, as a kernel"),
        CatalogEntry(
            "orientedGradientHistograms", "How strong the slopes of each direction are in each cell"),
        CatalogEntry(
            "localBinaryPattern", "Which neighbours of each pixel are brighter, as bits"),
        CatalogEntry(
            "otsuThreshold", "The threshold that best divides dark from bright"),
        CatalogEntry(
            "flippedHorizontally", "Images mirrored left to right", torch: ["transforms.functional.hflip"]),
        CatalogEntry(
            "flippedVertically", "Images upside down", torch: ["transforms.functional.vflip"]),
        CatalogEntry(
            "cropped", "A window of images", keras: ["ops.image.crop_images"], torch: ["transforms.functional.crop"]),
        CatalogEntry(
            "centerPadded", "Images in the middle of larger ones", keras: ["ops.image.pad_images"],
            torch: ["transforms.functional.pad"]),
        CatalogEntry(
            "erased", "Images with a rectangle of one colour", torch: ["transforms.functional.erase"]),
        CatalogEntry(
            "mixedUp", "Samples mixed with others of the batch", torch: ["transforms.v2.MixUp"]),
    ]
}
