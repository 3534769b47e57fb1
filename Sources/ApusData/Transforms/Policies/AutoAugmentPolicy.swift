/// Pairs of operations with probabilities and strengths, found by search on a data set (Cubuk et al., CVPR 2019).
///
///     ImageTransform.autoAugment(.cifar10)
public struct AutoAugmentPolicy: Sendable, Hashable {
    /// An operation of a pair.
    public struct Step: Sendable, Hashable {
        /// What is done.
        public let operation: PolicyOperation
        /// Of being applied.
        public let probability: Double
        /// From 0 to 9; nil of an operation that has none.
        public let magnitude: Int?

        /// - Parameter magnitude: from 0 to 9; nil of an operation that has none
        public init(_ operation: PolicyOperation, probability: Double, magnitude: Int? = nil) {
            self.operation = operation
            self.probability = probability
            self.magnitude = magnitude
        }
    }

    /// For pipelines' descriptions.
    public let name: String
    /// Of these one is drawn for each picture, and its steps are applied in order.
    public let parts: [[Step]]

    /// A policy of one's own.
    public init(name: String, parts: [[Step]]) {
        self.name = name
        self.parts = parts
    }

    /// Two steps a line: an operation, its probability in tenths, and its magnitude.
    private init(name: String, table: String) {
        let codes: [Substring: PolicyOperation] = [
            "sx": .shearX, "sy": .shearY, "tx": .translateX, "ty": .translateY, "ro": .rotate, "br": .brightness,
            "co": .saturation, "ct": .contrast, "sh": .sharpness, "po": .posterize, "so": .solarize,
            "ac": .autoContrast, "eq": .equalize, "in": .invert,
        ]
        self.name = name
        parts = table.split(separator: "\n").map { line in
            line.split(separator: ",").compactMap { step in
                let words = step.split(separator: " ")
                guard words.count >= 2, let operation = codes[words[0]], let tenths = Double(words[1]) else {
                    return nil
                }
                return Step(operation, probability: tenths / 10, magnitude: words.count > 2 ? Int(words[2]) : nil)
            }
        }
    }

    /// The 25 pairs found on ImageNet (table 9 of the paper).
    public static let imageNet = AutoAugmentPolicy(
        name: "ImageNet",
        table: """
            po 4 8, ro 6 9
            so 6 5, ac 6
            eq 8, eq 6
            po 6 7, po 6 6
            eq 4, so 2 4
            eq 4, ro 8 8
            so 6 3, eq 6
            po 8 5, eq 10
            ro 2 3, so 6 8
            eq 6, po 4 6
            ro 8 8, co 4 0
            ro 4 9, eq 6
            eq 0, eq 8
            in 6, eq 10
            co 6 4, ct 10 8
            ro 8 8, co 10 2
            co 8 8, so 8 7
            sh 4 7, in 6
            sx 6 5, eq 10
            co 4 0, eq 6
            eq 4, so 2 4
            so 6 5, ac 6
            in 6, eq 10
            co 6 4, ct 10 8
            eq 8, eq 6
            """)

    /// The 25 pairs found on CIFAR-10 (table 7 of the paper).
    public static let cifar10 = AutoAugmentPolicy(
        name: "CIFAR-10",
        table: """
            in 1, ct 2 6
            ro 7 2, tx 3 9
            sh 8 1, sh 9 3
            sy 5 8, ty 7 9
            ac 5, eq 9
            sy 2 7, po 3 7
            co 4 3, br 6 7
            sh 3 9, br 7 9
            eq 6, eq 5
            ct 6 7, sh 6 5
            co 7 7, tx 5 8
            eq 3, ac 4
            ty 4 3, sh 2 6
            br 9 6, co 2 8
            so 5 2, in 0
            eq 2, ac 6
            eq 2, eq 6
            co 9 9, eq 6
            ac 8, so 2 8
            br 1 3, co 7 0
            so 4 5, ac 9
            ty 9 9, ty 7 9
            ac 9, so 8 3
            eq 8, in 1
            ty 7 9, ac 9
            """)

    /// The 25 pairs found on the street view house numbers (table 8 of the paper).
    public static let svhn = AutoAugmentPolicy(
        name: "SVHN",
        table: """
            sx 9 4, in 2
            sy 9 8, in 7
            eq 6, so 6 6
            in 9, eq 6
            eq 6, ro 9 3
            sx 9 4, ac 8
            sy 9 8, in 4
            sy 9 5, so 2 6
            in 9, ac 8
            eq 6, ro 9 3
            sx 9 4, so 3 3
            sy 8 8, in 7
            eq 9, ty 6 6
            in 9, eq 6
            ct 3 3, ro 8 4
            in 8, ty 0 2
            sy 7 6, so 4 8
            in 6, ro 8 4
            sy 3 7, tx 9 3
            sx 1 6, in 6
            so 7 2, ty 6 7
            sy 8 4, in 8
            sx 7 9, ty 8 3
            sy 8 5, ac 7
            sx 7 2, in 1
            """)
}
