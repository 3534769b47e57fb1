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
        (
            "Conv1D(8, kernel: 5, padding: .causal) gelu LayerNorm dense(3)",
            ["Conv1D 8 maps, 5", "Activation gelu", "LayerNorm", "Dense 3 units"]
        ),
        (
            "(C4 R)x2 L3",
            [
                "Conv2D 4 maps, 3x3", "Activation relu", "Conv2D 4 maps, 3x3", "Activation relu", "Flatten",
                "Dense 3 units",
            ]
        ),
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

    static let refused: [(notation: String, problem: String, remedy: String)] = {
        let short = "write it as in C16, C16k5s2, P2 or L10"
        let layers = "use C16 (or C16k5s2), B, R, T, S, P, A, GAP, D0.5, F, L10, or a name that apus layers lists"
        let stray = "take it away, or write layers such as C16 B R P L10"
        let convolution =
            "write Conv2D(maps, kernel: ..., stride: 1, padding: valid, dilation: 1, groups: 1, flipped: false, "
            + "activation: linear, bias: true, initializer: glorotUniform)"
        return [
            ("", "\"\" has no layers", "write layers such as C16 B R P L10"),
            (" , - ", "\" , - \" has no layers", "write layers such as C16 B R P L10"),
            ("C16 X", "column 5: \"X\" is not known", layers),
            ("B2", "column 1: \"B2\" is not known", layers),
            ("C", "column 1: \"C\" needs a number from 1 to 65536", short),
            ("C0", "column 1: \"C0\" needs a number from 1 to 65536", short),
            ("R C8k", "column 3: \"C8k\" needs a number from 1 to 65536", short),
            ("C8kk3", "column 1: \"C8kk3\" has a letter twice", "give each once, as in C16k5s2"),
            ("C8q3", "column 1: \"C8q3\" is not known", layers),
            ("L99999999", "column 1: \"L99999999\" needs a number from 1 to 65536", short),
            ("P-1 L2", "column 3: \"1\" is not known", layers),
            ("D1", "column 1: \"D1\" needs a rate from 0 to below 1", "write it as in D0.5"),
            ("Dnan", "column 1: \"Dnan\" is not known", layers),
            ("BRAT", "column 1: \"BRAT\" is not known", layers),
            ("RC8k99999", "column 2: \"C8k99999\" needs a number from 1 to 65536", short),
            ("C8 Desne(10)", "column 4: \"Desne\" is not known", "did you mean Dense? Else " + layers),
            ("C8 gellu", "column 4: \"gellu\" is not known", "did you mean gelu? Else " + layers),
            (
                "Conv2D(8, kernal: 3)", "column 11: \"kernal\" is no argument of Conv2D",
                "did you mean kernel? Else " + convolution
            ),
            ("Conv2D(8)", "column 1: \"Conv2D\" lacks kernel", convolution),
            ("R Conv2D", "column 3: \"Conv2D\" lacks maps", convolution),
            ("Conv2D(8, 3)", "column 11: \"3\" is no argument of Conv2D", convolution),
            (
                "Conv2D(8, kernel: 3, kernel: 5)", "column 22: \"kernel\" is given twice", "give each argument once"
            ),
            (
                "Conv2D(8.5, kernel: 3)", "column 8: \"8.5\" is no maps of Conv2D", "give a whole number"
            ),
            (
                "Dense(3, activation: relo)", "column 22: \"relo\" is no activation of Dense",
                "give an activation of apus activations"
            ),
            ("Dense(3, bias: 1)", "column 16: \"1\" is no bias of Dense", "give true or false"),
            (
                "Dense(3, initializer: normal(x))", "column 23: \"normal(x)\" is no initializer of Dense",
                "give an initializer such as heNormal or normal(0.02)"
            ),
            (
                "Pad2D(1, filling: mirror)", "column 19: \"mirror\" is no filling of Pad2D",
                "give zeros, reflect, replicate, circular or a number"
            ),
            ("Flatten(2)", "column 9: \"2\" is no argument of Flatten", "leave it out"),
            ("Dense(3", "column 6: \"(\" is not closed", "add a )"),
            ("Dense(3 4)", "column 9: \"4\" stands where a ) or another argument is due", stray),
            ("Reshape([2, 3)", "column 14: \")\" stands where a ] or another argument is due", stray),
            ("(C8 R", "column 1: \"(\" is not closed", "add a )"),
            ("C8 R)", "column 5: \")\" has no counterpart before it", stray),
            ("[C8}", "column 4: \"}\" stands where a ] or another argument is due", stray),
            (
                "(C8 R)y3", "column 7: \"y3\" follows a group",
                "repeat it with x and a number to 1000, as in (C16 R)x3"
            ),
            (
                "(C8 R)x0", "column 7: \"x0\" follows a group",
                "repeat it with x and a number to 1000, as in (C16 R)x3"
            ),
            ("[]", "column 1: \"[\" holds no layers", "write a residual connection as [C16 R C16 | C16k1]"),
            ("{ | }", "column 1: \"{\" holds no layers", "write branches as {C16 | P3 C8}"),
            ("a.b=C8", "column 1: \"a.b\" is no name", "use letters, digits and underscores"),
            (
                "two=(C8 R)", "column 1: \"two\" names several layers", "name each, or write Sequential(...)"
            ),
            ("head=", "the text ends too early", "complete it"),
            ("SpectralNorm(", "the text ends too early", "complete it"),
            ("C8 & R", "column 4: \"&\" begins no layer", stray),
            ("((((C)x1000)x1000)x1000)x1000", "column 5: \"C\" needs a number from 1 to 65536", short),
            ("(((R)x1000)x1000)x1000", "it has more than 10000 layers", "repeat less"),
            (
                String(repeating: "(", count: 40), "column 33: brackets are nested more than 32 deep",
                "use fewer, or define the network in Swift"
            ),
        ]
    }()

    @Test(arguments: refused.indices)
    func mistakesNameTheColumn(_ index: Int) {
        let (notation, problem, remedy) = Self.refused[index]
        let error = refusal { _ = try Sequential(notation: notation) }
        #expect(error?.place == "network notation")
        #expect(error?.problem == problem)
        #expect(error?.remedy == remedy)
    }
}
