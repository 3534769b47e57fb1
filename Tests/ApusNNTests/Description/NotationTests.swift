import Apus
import TestSupport
import Testing

@Suite struct NotationTests {
    private func kinds(_ notation: String) throws -> [String] {
        try Sequential(notation: notation).layers.map { layer in
            "\(type(of: layer))" + (layer.details.isEmpty ? "" : " \(layer.details)")
        }
    }

    static let cases: [(String, [String])] = [
        (
            "C16 B R P L10",
            ["Conv2D 16 maps, 3x3", "BatchNorm", "Activation relu", "MaxPool2D 2x2", "Flatten", "Dense 10 units"]
        ),
        (
            "C8k5s2 T A3 GAP L3",
            [
                "Conv2D 8 maps, 5x5, stride 2", "Activation tanh", "AveragePool2D 3x3",
                "GlobalAveragePool2D", "Dense 3 units",
            ]
        ),
        (
            "c4s2k1,s,f,d0.25,l2",
            [
                "Conv2D 4 maps, 1x1, stride 2", "Activation sigmoid", "Flatten", "Dropout rate 0.25",
                "Dense 2 units",
            ]
        ),
        ("L8-R-L2", ["Flatten", "Dense 8 units", "Activation relu", "Dense 2 units"]),
        ("P3 A gap", ["MaxPool2D 3x3", "AveragePool2D 2x2", "GlobalAveragePool2D"]),
    ]

    @Test(arguments: cases.indices)
    func tokensBecomeLayers(_ index: Int) throws {
        let (notation, expected) = Self.cases[index]
        #expect(try kinds(notation) == expected)
    }

    @Test func convolutionsKeepTheSize() throws {
        let model = try Sequential(notation: "C6k5 R P C4s2 GAP L3")
        #expect(try model.build(inputShape: [2, 12, 10, 1]) == [2, 3])
        let summary = try Summary(model, inputShape: [2, 12, 10, 1])
        #expect(
            summary.rows.map(\.output) == [
                [2, 12, 10, 6], [2, 12, 10, 6], [2, 6, 5, 6], [2, 3, 3, 4], [2, 4], [2, 3],
            ])
    }

    static let refused: [(String, String)] = [
        ("", "\"\" has no layers"),
        (" , - ", "\" , - \" has no layers"),
        ("C16 X", "\"X\" in \"C16 X\" is not known"),
        ("B2", "\"B2\" in \"B2\" is not known"),
        ("C", "\"C\" in \"C\" needs a number from 1 to 65536"),
        ("C0", "\"C0\" in \"C0\" needs a number from 1 to 65536"),
        ("C8k", "\"C8k\" in \"C8k\" needs a number from 1 to 65536"),
        ("C8kk3", "\"C8kk3\" in \"C8kk3\" needs each letter once, such as C16k5s2"),
        ("C8q3", "\"C8q3\" in \"C8q3\" needs a number from 1 to 65536"),
        ("L99999999", "\"L99999999\" in \"L99999999\" needs a number from 1 to 65536"),
        ("P-1 L2", "\"1\" in \"P-1 L2\" is not known"),
        ("D1", "\"D1\" in \"D1\" needs a rate from 0 to below 1, such as D0.5"),
        ("Dnan", "\"Dnan\" in \"Dnan\" needs a rate from 0 to below 1, such as D0.5"),
    ]

    @Test(arguments: refused.indices)
    func mistakesNameTheToken(_ index: Int) {
        let (notation, problem) = Self.refused[index]
        let error = refusal { _ = try Sequential(notation: notation) }
        #expect(error?.place == "network notation")
        #expect(error?.problem == problem)
    }
}
