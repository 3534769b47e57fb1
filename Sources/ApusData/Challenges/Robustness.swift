import ApusCore

/// How well a classifier stands the challenges of recognition, by challenge and severity.
///
///     let robustness = try Robustness(of: photos, seed: 1) { images in try classes(of: model(images)) }
///     print(robustness)
///     robustness.score(.occlusion)
///
/// Each picture meets each challenge in the same direction at all severities, so that severities are compared on the same
/// pictures.
public struct Robustness: Sendable, CustomStringConvertible {
    /// The share of unchanged pictures that are recognised.
    public let cleanAccuracy: Double
    /// The share that is recognised, by severity from 1 on.
    public let accuracies: [RecognitionChallenge: [Double]]
    /// The number of pictures.
    public let count: Int

    /// - Parameters:
    ///   - pictures: with a label each, all of one size and number of channels
    ///   - challenges: those that are measured
    ///   - batch: how many pictures are asked for at once
    ///   - predict: gets pictures and gives the class of each
    public init(
        of pictures: [AnnotatedImage], challenges: [RecognitionChallenge] = RecognitionChallenge.allCases,
        batch: Int = 64, seed: UInt64, predict: ([Image]) throws -> [Int]
    ) throws {
        guard !pictures.isEmpty, batch > 0, pictures.allSatisfy({ $0.label != nil }) else {
            throw ApusError(
                .data, in: "robustness",
                "\(pictures.count) pictures, of which some have no label, in batches of \(batch)",
                remedy: "give labelled pictures, and 1 or more at once")
        }
        func accuracy(_ images: [Image]) throws -> Double {
            var right = 0
            for begin in stride(from: 0, to: images.count, by: batch) {
                let part = Array(images[begin..<min(begin + batch, images.count)])
                let found = try predict(part)
                guard found.count == part.count else {
                    throw ApusError(
                        .data, in: "robustness", "\(found.count) classes for \(part.count) pictures",
                        remedy: "return one class for each picture")
                }
                for (offset, label) in found.enumerated() where label == pictures[begin + offset].label { right += 1 }
            }
            return Double(right) / Double(images.count)
        }
        var accuracies: [RecognitionChallenge: [Double]] = [:]
        cleanAccuracy = try accuracy(pictures.map(\.image))
        for (stream, challenge) in RecognitionChallenge.allCases.enumerated() where challenges.contains(challenge) {
            accuracies[challenge] = try RecognitionChallenge.severities.map { severity in
                let transform = challenge.transform(severity: severity)
                return try accuracy(
                    pictures.enumerated().map { index, picture in
                        var random = RandomSource(seed: seed, stream: stream, element: index)
                        return try transform(picture, using: &random).image
                    })
            }
        }
        self.accuracies = accuracies
        count = pictures.count
    }

    /// The mean accuracy over all severities of a challenge relative to that on unchanged pictures: 1 if nothing is lost;
    /// nil for one that was not measured, or if nothing is recognised at all.
    public func score(_ challenge: RecognitionChallenge) -> Double? {
        guard let found = accuracies[challenge], cleanAccuracy > 0 else { return nil }
        return found.reduce(0, +) / Double(found.count) / cleanAccuracy
    }

    /// The mean of all challenges' scores.
    public var score: Double? {
        let scores = RecognitionChallenge.allCases.compactMap { score($0) }
        return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
    }

    /// The challenge with the lowest score.
    public var weakest: RecognitionChallenge? {
        accuracies.keys.min { (score($0) ?? 0, $0.rawValue) < (score($1) ?? 0, $1.rawValue) }
    }

    /// A table: a row a challenge, with the accuracy at each severity and the score.
    public var description: String {
        func cell(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        func percent(_ value: Double?) -> String {
            cell(value.map { "\(ElementField.text(($0 * 1000).rounded() / 10)) %" } ?? "-", 9)
        }
        var lines = ["accuracy on \(count) pictures as they are: \(percent(cleanAccuracy).drop { $0 == " " })"]
        let header = RecognitionChallenge.severities.map { cell("severity \($0)", 12) }.joined()
        lines.append("challenge   " + header + cell("score", 10))
        for challenge in RecognitionChallenge.allCases {
            guard let found = accuracies[challenge] else { continue }
            let name = challenge.rawValue + String(repeating: " ", count: max(0, 12 - challenge.rawValue.count))
            let cells = found.map { cell(String(percent($0).drop { $0 == " " }), 12) }.joined()
            lines.append(name + cells + " " + percent(score(challenge)))
        }
        return lines.joined(separator: "\n")
    }
}
