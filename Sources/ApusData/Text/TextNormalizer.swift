import ApusCore

/// What is done to texts so that what means the same is written the same.
///
///     let normalizer: TextNormalizer = [.lowercase, .withoutPunctuation, .singleBlanks]
///     normalizer("  Café,  please! ")         // "café please"
public struct TextNormalizer: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// One change.
    public enum Step: String, Sendable, CaseIterable {
        /// Small letters.
        case lowercase
        /// No signs of punctuation, of any script, and no symbols of ASCII.
        case withoutPunctuation
        /// One blank for each run of blanks and line breaks, and none at the ends.
        case singleBlanks
    }

    /// In the order in which they are taken.
    public let steps: [Step]

    public init(_ steps: [Step]) { self.steps = steps }

    public init(arrayLiteral steps: Step...) { self.steps = steps }

    /// The text after all steps.
    public func callAsFunction(_ text: String) -> String {
        var text = text
        for step in steps {
            switch step {
            case .lowercase: text = text.lowercased()
            case .withoutPunctuation: text = text.filteringScalars { !$0.isPunctuation }
            case .singleBlanks: text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
        }
        return text
    }

    var json: JSON { .strings(steps.map(\.rawValue)) }

    init(_ reader: PreprocessorReader) throws(ApusError) {
        var steps: [Step] = []
        for name in try reader.strings("normalizer") {
            guard let step = Step(rawValue: name) else {
                throw reader.damaged("its normalizer has a step \(name.quoted)")
            }
            steps.append(step)
        }
        self.steps = steps
    }
}

extension String {
    /// The text of the scalars for which a function holds.
    func filteringScalars(_ isIncluded: (Unicode.Scalar) -> Bool) -> String {
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: unicodeScalars.filter(isIncluded))
        return String(kept)
    }
}

extension Unicode.Scalar {
    /// Punctuation of any script, and the signs of ASCII.
    var isPunctuation: Bool {
        if value < 128 { return isASCIISign }
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }
}
