/// The normal forms of Unicode (Unicode Standard Annex 15), for which Swift's own library has no function.
///
/// Strings that are equal in Swift may still differ in their code points, which tokenisers see.
enum UnicodeForm {
    /// What a character consists of, if it can be taken apart.
    private static let canonical = table(canonicalTable)
    private static let compatible = table(compatibleTable)
    /// The characters that two parts make together.
    private static let compositions: [UInt64: UInt32] = {
        var pairs: [UInt64: UInt32] = [:]
        for (whole, parts) in canonical where parts.count == 2 {
            guard let scalar = Unicode.Scalar(whole), !scalar.properties.isFullCompositionExclusion else { continue }
            pairs[UInt64(parts[0]) << 32 | UInt64(parts[1])] = whole
        }
        return pairs
    }()

    private static func table(_ text: String) -> [UInt32: [UInt32]] {
        var result: [UInt32: [UInt32]] = [:]
        for entry in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let sides = entry.split(separator: "=")
            guard sides.count == 2 else { continue }
            let range = sides[0].split(separator: "+").compactMap { UInt32($0, radix: 16) }
            let parts = sides[1].split(separator: ".").compactMap { UInt32($0, radix: 16) }
            for offset in 0..<(range.count > 1 ? range[1] : 1) {
                var mapped = parts
                mapped[mapped.count - 1] += offset
                result[range[0] + offset] = mapped
            }
        }
        return result
    }

    /// The text taken apart, with marks in canonical order (NFD; NFKD if `compatible`).
    static func decomposed(_ text: String, compatible isCompatible: Bool) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars { append(scalar.value, to: &scalars, isCompatible) }
        // Marks on one letter are sorted by their class, those of one class stay in order.
        var index = 0
        while index < scalars.count {
            guard scalars[index].combiningClass != 0 else {
                index += 1
                continue
            }
            var end = index
            while end < scalars.count, scalars[end].combiningClass != 0 { end += 1 }
            let marks = scalars[index..<end].enumerated().sorted {
                ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
            }
            scalars.replaceSubrange(index..<end, with: marks.map(\.element))
            index = end
        }
        return scalars
    }

    private static func append(_ value: UInt32, to scalars: inout [Unicode.Scalar], _ isCompatible: Bool) {
        if (0xAC00..<0xD7A4).contains(value) {
            // A Korean syllable consists of two or three letters.
            let place = value - 0xAC00
            let letters = [0x1100 + place / 588, 0x1161 + place % 588 / 28, 0x11A7 + place % 28]
            for letter in letters where letter != 0x11A7 { scalars += Unicode.Scalar(letter).map { [$0] } ?? [] }
        } else if value >= 0xA0, let parts = canonical[value] ?? (isCompatible ? compatible[value] : nil) {
            for part in parts { append(part, to: &scalars, isCompatible) }
        } else if let scalar = Unicode.Scalar(value) {
            scalars.append(scalar)
        }
    }

    /// The text with each letter and its marks in one character where there is one (NFC; NFKC if `compatible`).
    static func composed(_ text: String, compatible isCompatible: Bool) -> String {
        composed(decomposed(text, compatible: isCompatible))
    }

    static func composed(_ scalars: [Unicode.Scalar]) -> String {
        var result: [Unicode.Scalar] = []
        var starter: Int?
        // The class of the mark before, if it was kept apart.
        var last = -1
        for scalar in scalars {
            let own = scalar.combiningClass
            if let starter, last < own, let whole = pair(result[starter], scalar) {
                result[starter] = whole
                continue
            }
            result.append(scalar)
            if own == 0 {
                starter = result.count - 1
                last = -1
            } else {
                last = own
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: result)
        return String(text)
    }

    private static func pair(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        let (one, two) = (first.value, second.value)
        if (0x1100..<0x1113).contains(one), (0x1161..<0x1176).contains(two) {
            return Unicode.Scalar(0xAC00 + ((one - 0x1100) * 21 + two - 0x1161) * 28)
        }
        if (0xAC00..<0xD7A4).contains(one), (one - 0xAC00) % 28 == 0, (0x11A8..<0x11C3).contains(two) {
            return Unicode.Scalar(one + two - 0x11A7)
        }
        return compositions[UInt64(one) << 32 | UInt64(two)].flatMap(Unicode.Scalar.init)
    }
}

extension Unicode.Scalar {
    /// 0 for what is no mark, else where a mark stands on its letter.
    fileprivate var combiningClass: Int { value < 0x300 ? 0 : Int(properties.canonicalCombiningClass.rawValue) }
}
