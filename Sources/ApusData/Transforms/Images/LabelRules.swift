import ApusCore

/// Which class a class becomes in the mirror: `turn left` becomes `turn right`.
public struct LabelPermutation: Sendable, Hashable {
    private let partners: [Int: Int]

    /// All classes stay what they are.
    public static let none = LabelPermutation(trusted: [:])

    private init(trusted partners: [Int: Int]) { self.partners = partners }

    /// - Parameter pairs: classes that change places; all others stay what they are
    public init(_ pairs: [(Int, Int)]) throws(ApusError) {
        var partners: [Int: Int] = [:]
        for (first, second) in pairs {
            guard partners[first] == nil, partners[second] == nil, first != second else {
                throw ApusError(
                    .value, in: "label permutation", "the pair \((first, second)) has a class that has a partner",
                    remedy: "name each class once, so that mirroring twice changes nothing")
            }
            partners[first] = second
            partners[second] = first
        }
        self.partners = partners
    }

    /// The partner of a label; the label itself where it has none.
    public func callAsFunction(_ label: Int) -> Int { partners[label] ?? label }
}

/// The ways in which pictures can be changed, as far as labels may depend on them.
public enum ImageChange: Sendable, Hashable, CustomStringConvertible {
    case horizontalFlip, verticalFlip, perspective, shear, shift, zoom, elastic, crop, noise, blur, erase
    /// Brightness, contrast, and what else leaves hues and the order from dark to bright as they are.
    case color
    /// Hues turned, channels exchanged, or colours lost: a red light is no longer red.
    case hue
    /// Dark becomes bright, for some colours or all.
    case inversion
    /// Samples with parts of others, whose labels are mixed with them.
    case mixing
    /// Up to so many degrees.
    case rotation(Double)

    public var description: String {
        switch self {
        case .horizontalFlip: "horizontal flip"
        case .verticalFlip: "vertical flip"
        case .rotation(let degrees): "rotation by \(ElementField.text(degrees)) degrees"
        case .perspective: "perspective"
        case .shear: "shear"
        case .shift: "shift"
        case .zoom: "zoom"
        case .elastic: "elastic deformation"
        case .crop: "crop"
        case .color: "colour"
        case .hue: "hue"
        case .inversion: "inversion"
        case .noise: "noise"
        case .blur: "blur"
        case .erase: "erasing"
        case .mixing: "mixing"
        }
    }
}

/// Which changes leave the labels of a data set true; all others are refused.
///
///     let rules = LabelRules(data: "digits", allowing: [.rotation(15), .crop, .noise])
///     try rules.check(.horizontalFlip)               // error: a mirrored 2 is no digit
public struct LabelRules: Sendable, Hashable {
    private let data: String
    private let allowed: [ImageChange]

    /// - Parameter data: the name of the data set, for messages
    public init(data: String, allowing allowed: [ImageChange]) {
        self.data = data
        self.allowed = allowed
    }

    /// Digits and letters: no mirroring, and no turns that make a 9 of a 6.
    public static let digits = LabelRules(
        data: "digits",
        allowing: [
            .rotation(20), .perspective, .shear, .shift, .zoom, .elastic, .crop, .color, .hue, .inversion, .noise,
            .blur, .erase, .mixing,
        ])

    /// Photographs of things that have no writing and no left and right: all but turns of more than 30 degrees and
    /// upside down.
    public static let photographs = LabelRules(
        data: "photographs",
        allowing: [
            .horizontalFlip, .rotation(30), .perspective, .shear, .shift, .zoom, .elastic, .crop, .color, .hue,
            .inversion, .noise, .blur, .erase, .mixing,
        ])

    /// Refuses a change that may make labels wrong.
    public func check(_ change: ImageChange) throws(ApusError) {
        let isAllowed = allowed.contains { known in
            if case .rotation(let most) = known, case .rotation(let degrees) = change { return abs(degrees) <= most }
            return known == change
        }
        guard isAllowed else {
            throw ApusError(
                .data, in: "data set \(data)", "\(change) may change what a picture shows",
                remedy: "leave it out; its labels allow \(allowed.map(\.description).joined(separator: ", "))")
        }
    }

    /// Refuses a transform that may make labels wrong.
    public func check(changesOf transform: ImageTransform) throws(ApusError) {
        for change in transform.changes { try check(change) }
    }
}
