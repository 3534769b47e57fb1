import Apus
import Foundation
import TestSupport
import Testing

@Suite struct TextNormalizerTests {
    @Test func stepsFollowEachOther() {
        let all: TextNormalizer = [.compatible, .lowercase, .withoutAccents, .withoutPunctuation, .singleBlanks]
        #expect(all("  Café №１,  please! ") == "cafe no1 please")
        #expect(TextNormalizer([.withoutAccents])("Žluťoučký kůň, ấ, ÅÉÎ, ñ") == "Zlutoucky kun, a, AEI, n")
        #expect(TextNormalizer([.withoutPunctuation])("¿a—b…«c» d+e = 5€") == "abc de  5€")
        #expect(TextNormalizer([.compatible])("ﬁ ² ｱ ㎏ Ⅷ ½") == "fi 2 ア kg VIII 1⁄2")
        #expect(Array(TextNormalizer([.composed])("e\u{301}").unicodeScalars).count == 1)
        #expect(TextNormalizer([])(" A ") == " A ")
    }

    private func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    /// Another implementation says the same of every character, and of marks in any order.
    @Test func formsAreThoseOfUnicode() {
        var random = RandomSource(seed: 1)
        var wrong: [String] = []
        func check(_ text: String) {
            let forms = [
                (TextNormalizer([.composed])(text), text.precomposedStringWithCanonicalMapping),
                (TextNormalizer([.compatible])(text), text.precomposedStringWithCompatibilityMapping),
            ]
            for (one, other) in forms where scalars(one) != scalars(other) {
                wrong.append("\(scalars(text).map { String($0, radix: 16) })")
            }
        }
        for value in UInt32(0xa0)..<0x30000 where value < 0x3400 || value > 0xabff || value % 97 == 0 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            // What the tables are older than is not looked at.
            guard let age = scalar.properties.age, age.major <= 14 else { continue }
            check(String(scalar))
        }
        let marks: [UInt32] = [
            0x300, 0x301, 0x323, 0x327, 0x308, 0x345, 0x5b0, 0x93c, 0x1161, 0x11a8, 0x61, 0x65, 0x1100,
        ]
        for _ in 0..<2000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<1 + random.integer(below: 6) {
                text.append(Unicode.Scalar(marks[random.integer(below: marks.count)]) ?? "a")
            }
            check(String(text))
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(10))")
    }
}
