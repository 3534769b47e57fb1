import ApusCore

extension Catalog {
    static let preprocessingLayers: [CatalogEntry] = [
        CatalogEntry("Resizing", "Images of another size", keras: ["Resizing"]),
        CatalogEntry("CenterCrop", "The middle of images", keras: ["CenterCrop"]),
        CatalogEntry("Equalization", "Colours redistributed to occur equally often", keras: ["Equalization"]),
        CatalogEntry(
            "AdaptiveEqualization", "Colours redistributed by the histograms of tiles, of limited contrast (CLAHE)",
            keras: ["ContrastLimitedAdaptiveHistogramEqualization"]),
        CatalogEntry("AutoContrast", "Colours stretched to the whole range", keras: ["AutoContrast"]),
        CatalogEntry("Solarization", "Bright colours subtracted from white", keras: ["Solarization"]),
        CatalogEntry("RandomFlip", "Images mirrored at random", keras: ["RandomFlip"]),
        CatalogEntry("RandomCrop", "A window of images at a random place", keras: ["RandomCrop"]),
        CatalogEntry("RandomTranslation", "Images moved at random", keras: ["RandomTranslation"]),
        CatalogEntry("RandomRotation", "Images turned at random", keras: ["RandomRotation"]),
        CatalogEntry("RandomZoom", "Images from nearer or farther at random", keras: ["RandomZoom"]),
        CatalogEntry("RandomShear", "Images slanted at random", keras: ["RandomShear"]),
        CatalogEntry("RandomPerspective", "Images seen at random slants", keras: ["RandomPerspective"]),
        CatalogEntry(
            "RandomElasticTransform", "Images deformed at random like rubber", keras: ["RandomElasticTransform"]),
        CatalogEntry("RandomErasing", "A random rectangle filled with one colour", keras: ["RandomErasing"]),
        CatalogEntry("RandomBrightness", "A random number added to colours", keras: ["RandomBrightness"]),
        CatalogEntry("RandomContrast", "Contrast times a random factor", keras: ["RandomContrast"]),
        CatalogEntry("RandomSaturation", "Saturation times a random factor", keras: ["RandomSaturation"]),
        CatalogEntry("RandomSharpness", "Sharpness times a random factor", keras: ["RandomSharpness"]),
        CatalogEntry(
            "RandomColorDegeneration", "Images mixed with their grey at random", keras: ["RandomColorDegeneration"]),
        CatalogEntry("RandomHue", "Hues turned at random", keras: ["RandomHue"]),
        CatalogEntry("RandomGrayscale", "Grey images with a probability", keras: ["RandomGrayscale"]),
        CatalogEntry("RandomInvert", "Colours subtracted from white with a probability", keras: ["RandomInvert"]),
        CatalogEntry("RandomPosterization", "Colours of few bits with a probability", keras: ["RandomPosterization"]),
        CatalogEntry(
            "RandomColorJitter", "Brightness, contrast, saturation and hue changed at random",
            keras: ["RandomColorJitter"]),
        CatalogEntry("RandomGaussianBlur", "Images blurred at random", keras: ["RandomGaussianBlur"]),
        CatalogEntry(
            "RandAugment", "Some random changes of one strength", keras: ["RandAugment"],
            torch: ["transforms.v2.RandAugment"]),
        CatalogEntry(
            "AugMix", "Images mixed with chains of random changes of them", keras: ["AugMix"],
            torch: ["transforms.v2.AugMix"]),
        CatalogEntry(
            "MaxBoundingBoxes", "So many boxes for each image, whatever their number was",
            keras: ["MaxNumBoundingBoxes"]),
        CatalogEntry("MixUp", "Samples and labels mixed with others of the batch", keras: ["MixUp"]),
        CatalogEntry("CutMix", "Rectangles of images replaced by those of others", keras: ["CutMix"]),
        CatalogEntry("STFTSpectrogram", "The short-time Fourier transform of signals", keras: ["STFTSpectrogram"]),
        CatalogEntry("MelSpectrogram", "How strong bands of pitch are over time", keras: ["MelSpectrogram"]),
        CatalogEntry("Discretization", "Numbers sorted into bins", keras: ["Discretization"]),
        CatalogEntry("CategoryEncoding", "Classes as rows of ones and zeros", keras: ["CategoryEncoding"]),
        CatalogEntry("Hashing", "Integers spread over bins", keras: ["Hashing"]),
        CatalogEntry("HashedCrossing", "Pairs of integers spread over bins", keras: ["HashedCrossing"]),
        CatalogEntry("IntegerLookup", "Integers as places in a vocabulary", keras: ["IntegerLookup"]),
        CatalogEntry(
            "StringLookup", "Strings as places in a vocabulary, or rows of ones, counts and weights",
            keras: ["StringLookup"]),
        CatalogEntry(
            "TextVectorization", "Texts as numbers of their words, or rows of counts and weights",
            keras: ["TextVectorization"]),
    ]
}
