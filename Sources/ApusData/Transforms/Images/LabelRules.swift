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

    public func callAsFunction(_ label: Int) -> Int { partners[label] ?? label }
}

/// The ways in which pictures can be changed, as far as labels may depend on them.
public enum ImageChange: Sendable, Hashable, CustomStringConvertible {
    case horizontalFlip, verticalFlip, perspective, elastic, crop, color, noise, blur, erase, mixing
    /// Up to so many degrees.
    case rotation(Double)

    public var description: String {
        switch self {
        case .horizontalFlip: "horizontal flip"
        case .verticalFlip: "vertical flip"
        case .rotation(let degrees): "rotation by \(ElementField.text(degrees)) degrees"
        case .perspective: "perspective"
        case .elastic: "elastic deformation"
        case .crop: "crop"
        case .color: "colour"
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

    public init(data: String, allowing allowed: [ImageChange]) {
        self.data = data
        self.allowed = allowed
    }

    /// Digits and letters: no mirroring, and no turns that make a 9 of a 6.
    public static let digits = LabelRules(
        data: "digits",
        allowing: [.rotation(20), .perspective, .elastic, .crop, .color, .noise, .blur, .erase, .mixing])

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
}
