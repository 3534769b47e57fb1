import ApusCore

extension Catalog {
    /// Changes of samples on their way to batches, as ``ImageTransform`` and pipelines have them.
    public static var transforms: [CatalogEntry] {
        places.grouped("images: places") + parts.grouped("images: parts and sizes")
            + colours.grouped("images: colours") + damages.grouped("images: damages")
            + policies.grouped("images: policies") + mixing.grouped("images: mixing")
            + choosing.grouped("choosing")
    }

    private static let places: [CatalogEntry] = [
        CatalogEntry(
            "horizontalFlip", "Mirrored left to right, with a permutation of labels that have directions",
            keras: ["RandomFlip"], torch: ["transforms.v2.RandomHorizontalFlip"]),
        CatalogEntry(
            "verticalFlip", "Upside down", keras: ["RandomFlip"], torch: ["transforms.v2.RandomVerticalFlip"]),
        CatalogEntry(
            "rotation", "Turned by up to so many degrees", keras: ["RandomRotation"],
            torch: ["transforms.v2.RandomRotation"]),
        CatalogEntry(
            "affine", "Turned, moved, scaled and slanted a little", torch: ["transforms.v2.RandomAffine"]),
        CatalogEntry("shear", "Slanted along x and y", keras: ["RandomShear"]),
        CatalogEntry("translation", "Moved by up to a share of the sides", keras: ["RandomTranslation"]),
        CatalogEntry("zoom", "Scaled about the centre", keras: ["RandomZoom"]),
        CatalogEntry(
            "perspective", "Seen from elsewhere", keras: ["RandomPerspective"],
            torch: ["transforms.v2.RandomPerspective"]),
        CatalogEntry(
            "elastic", "Deformed by smooth waves", keras: ["RandomElasticTransform"],
            torch: ["transforms.v2.ElasticTransform"]),
    ]

    private static let parts: [CatalogEntry] = [
        CatalogEntry(
            "resize", "In another size, with boxes and masks", keras: ["Resizing"], torch: ["transforms.v2.Resize"]),
        CatalogEntry(
            "resizeShortSide", "In the size whose shorter side is so long",
            torch: ["transforms.v2.RandomShortestSize", "transforms.v2.RandomResize"]),
        CatalogEntry(
            "scaleJitter", "Larger or smaller by a random factor", torch: ["transforms.v2.ScaleJitter"]),
        CatalogEntry(
            "centerCrop", "The middle, in a given size", keras: ["CenterCrop"], torch: ["transforms.v2.CenterCrop"]),
        CatalogEntry(
            "randomCrop", "A random part of a given size", keras: ["RandomCrop"], torch: ["transforms.v2.RandomCrop"]),
        CatalogEntry(
            "randomResizedCrop", "A random part of random size and shape, resized",
            torch: ["transforms.v2.RandomResizedCrop"]),
        CatalogEntry("paddedCrop", "A random part of a padded picture, in the picture's size"),
        CatalogEntry("pad", "With a border on each side", torch: ["transforms.v2.Pad"]),
        CatalogEntry("fiveCrops", "The parts at the corners and in the middle", torch: ["transforms.v2.FiveCrop"]),
        CatalogEntry(
            "zoomOut", "On a larger canvas at a random place", torch: ["transforms.v2.RandomZoomOut"]),
        CatalogEntry(
            "objectCrop", "A random part that shows enough of an object", torch: ["transforms.v2.RandomIoUCrop"]),
        CatalogEntry(
            "droppingSmallObjects", "Without objects whose boxes are smaller than so many pixels",
            torch: ["transforms.v2.SanitizeBoundingBoxes"]),
    ]

    private static let colours: [CatalogEntry] = [
        CatalogEntry(
            "colorJitter", "Brightness, contrast, saturation and hue changed at random", keras: ["RandomColorJitter"],
            torch: ["transforms.v2.ColorJitter"]),
        CatalogEntry("brightness", "Brightness times a random factor", keras: ["RandomBrightness"]),
        CatalogEntry("contrast", "Contrast times a random factor", keras: ["RandomContrast"]),
        CatalogEntry("saturation", "Saturation times a random factor", keras: ["RandomSaturation"]),
        CatalogEntry("hue", "Hues turned at random", keras: ["RandomHue"]),
        CatalogEntry("gamma", "Colours to the power of a random exponent"),
        CatalogEntry(
            "sharpness", "Sharpness times a random factor", keras: ["RandomSharpness"],
            torch: ["transforms.v2.RandomAdjustSharpness"]),
        CatalogEntry(
            "grayscale", "Grey with a probability", keras: ["RandomGrayscale"],
            torch: ["transforms.v2.RandomGrayscale", "transforms.v2.Grayscale"]),
        CatalogEntry(
            "invert", "Colours subtracted from white with a probability", keras: ["RandomInvert"],
            torch: ["transforms.v2.RandomInvert"]),
        CatalogEntry(
            "solarize", "Bright colours subtracted from white with a probability", keras: ["Solarization"],
            torch: ["transforms.v2.RandomSolarize"]),
        CatalogEntry(
            "posterize", "Colours of few bits with a probability", keras: ["RandomPosterization"],
            torch: ["transforms.v2.RandomPosterize"]),
        CatalogEntry(
            "equalize", "Colours redistributed to occur equally often", keras: ["Equalization"],
            torch: ["transforms.v2.RandomEqualize"]),
        CatalogEntry(
            "autoContrast", "Colours stretched to the whole range", keras: ["AutoContrast"],
            torch: ["transforms.v2.RandomAutocontrast"]),
        CatalogEntry(
            "adaptiveEqualize", "Colours redistributed by the histograms of tiles (CLAHE)",
            keras: ["ContrastLimitedAdaptiveHistogramEqualization"]),
        CatalogEntry(
            "channelPermutation", "Colour channels in random order",
            torch: ["transforms.v2.RandomChannelPermutation"]),
        CatalogEntry(
            "photometricDistort", "Brightness, contrast, saturation, hue and channels, each with a probability",
            torch: ["transforms.v2.RandomPhotometricDistort"]),
    ]

    private static let damages: [CatalogEntry] = [
        CatalogEntry(
            "blur", "Blurred by a normal distribution of random width", keras: ["RandomGaussianBlur"],
            torch: ["transforms.v2.GaussianBlur"]),
        CatalogEntry(
            "noise", "Normal noise added", keras: ["GaussianNoise"], torch: ["transforms.v2.GaussianNoise"]),
        CatalogEntry("saltAndPepper", "Single pixels black or white"),
        CatalogEntry(
            "erase", "A random rectangle filled with one colour or noise", keras: ["RandomErasing"],
            torch: ["transforms.v2.RandomErasing"]),
        CatalogEntry("jpeg", "What JPEG of low quality leaves", torch: ["transforms.v2.JPEG"]),
    ]

    private static let policies: [CatalogEntry] = [
        CatalogEntry(
            "randAugment", "Some random operations of one strength", keras: ["RandAugment"],
            torch: ["transforms.v2.RandAugment"]),
        CatalogEntry(
            "trivialAugment", "One random operation of a random strength", torch: ["transforms.v2.TrivialAugmentWide"]),
        CatalogEntry(
            "autoAugment", "Pairs of operations that were found by search", torch: ["transforms.v2.AutoAugment"]),
        CatalogEntry(
            "augMix", "Pictures mixed with chains of random operations of them", keras: ["AugMix"],
            torch: ["transforms.v2.AugMix"]),
    ]

    private static let mixing: [CatalogEntry] = [
        CatalogEntry(
            "mixUp", "Samples and labels mixed with others of the batch", keras: ["MixUp"],
            torch: ["transforms.v2.MixUp"]),
        CatalogEntry(
            "cutMix", "Rectangles of pictures replaced by those of others, labels mixed by area", keras: ["CutMix"],
            torch: ["transforms.v2.CutMix"]),
        CatalogEntry("mosaic", "Four pictures in one, with their boxes, masks and key points"),
    ]

    private static let choosing: [CatalogEntry] = [
        CatalogEntry("chain", "Several transforms, one after the other", torch: ["transforms.v2.Compose"]),
        CatalogEntry("sometimes", "A transform with a probability", torch: ["transforms.v2.RandomApply"]),
        CatalogEntry("oneOf", "One of several transforms", torch: ["transforms.v2.RandomChoice"]),
        CatalogEntry(
            "inRandomOrder", "Several transforms in random order", torch: ["transforms.v2.RandomOrder"]),
    ]
}
