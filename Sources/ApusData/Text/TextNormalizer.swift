import ApusCore

/// What is done to texts so that what means the same is written the same.
///
///     let normalizer: TextNormalizer = [.compatible, .lowercase, .withoutAccents, .withoutPunctuation, .singleBlanks]
///     normalizer("  Café №１,  please! ")         // "cafe no1 please"
public struct TextNormalizer: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// One change.
    public enum Step: String, Sendable, CaseIterable {
        /// Small letters.
        case lowercase
        /// Each letter and its marks in one character where there is one (NFC).
        case composed
        /// Characters that differ from others by their looks alone as those: `ﬁ` as `fi`, `１` as `1` (NFKC).
        case compatible
        /// No accents and other marks on letters.
        case withoutAccents
        /// No signs of punctuation, of any script, and no symbols of ASCII.
        case withoutPunctuation
        /// One blank for each run of blanks and line breaks, and none at the ends.
        case singleBlanks
    }

    /// In the order in which they are taken.
    public let steps: [Step]

    /// - Parameter steps: in the order in which they are made
    public init(_ steps: [Step]) { self.steps = steps }

    /// The steps in the order in which they are made.
    public init(arrayLiteral steps: Step...) { self.steps = steps }

    /// The text after all steps.
    public func callAsFunction(_ text: String) -> String {
        var text = text
        for step in steps {
            switch step {
            case .lowercase: text = text.lowercased()
            case .composed: if !text.isASCII { text = UnicodeForm.composed(text, compatible: false) }
            case .compatible: if !text.isASCII { text = UnicodeForm.composed(text, compatible: true) }
            case .withoutAccents: if !text.isASCII { text = text.withoutMarks }
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
    fileprivate var isASCII: Bool { utf8.allSatisfy { $0 < 128 } }

    fileprivate var withoutMarks: String {
        UnicodeForm.composed(
            UnicodeForm.decomposed(self, compatible: false).filter {
                $0.properties.generalCategory != .nonspacingMark
            })
    }

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
