import ApusCore

extension Sequential {
    /// A network in the compact notation, such as `C16 B R P L10`.
    ///
    /// | token | layer |
    /// | --- | --- |
    /// | `C16`, `C16k5s2` | convolution with 16 maps; kernel 3x3 and stride 1 unless given; keeps the size |
    /// | `B` | batch norm |
    /// | `R`, `T`, `S` | ReLU, tanh, sigmoid |
    /// | `P`, `P3` | max pooling 2x2, 3x3 |
    /// | `A`, `A3` | average pooling |
    /// | `GAP` | global average pooling |
    /// | `D0.5` | dropout |
    /// | `F` | flatten; put in by itself before the first `L` that needs it |
    /// | `L10` | linear (dense) with 10 units |
    public convenience init(notation: String) throws(ApusError) {
        var layers: [any Module] = []
        var isSpatial = true
        for token in notation.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init) {
            if token.uppercased() == "GAP" {
                layers.append(GlobalAveragePool2D())
                isSpatial = false
                continue
            }
            let letter = token.prefix(1).uppercased()
            let rest = String(token.dropFirst())
            switch letter {
            case "C":
                let numbers = try Self.convolution(rest, token, notation)
                layers.append(Conv2D(numbers.maps, kernel: numbers.kernel, stride: numbers.stride, padding: .same))
            case "B" where rest.isEmpty: layers.append(BatchNorm())
            case "R" where rest.isEmpty: layers.append(Activation(.relu))
            case "T" where rest.isEmpty: layers.append(Activation(.tanh))
            case "S" where rest.isEmpty: layers.append(Activation(.sigmoid))
            case "P": layers.append(MaxPool2D(try Self.number(rest.isEmpty ? "2" : rest, token, notation)))
            case "A": layers.append(AveragePool2D(try Self.number(rest.isEmpty ? "2" : rest, token, notation)))
            case "D":
                guard let rate = Double(rest), rate >= 0, rate < 1 else {
                    throw Self.failure(token, notation, "needs a rate from 0 to below 1, such as D0.5")
                }
                layers.append(Dropout(rate))
            case "F" where rest.isEmpty:
                layers.append(Flatten())
                isSpatial = false
            case "L":
                if isSpatial { layers.append(Flatten()) }
                isSpatial = false
                layers.append(Dense(try Self.number(rest, token, notation)))
            default:
                throw Self.failure(token, notation, "is not known")
            }
        }
        guard !layers.isEmpty else {
            throw ApusError(
                .name, in: "network notation", "\"\(notation)\" has no layers",
                remedy: "write layers such as C16 B R P L10")
        }
        self.init(layers)
    }

    private static func failure(_ token: String, _ notation: String, _ problem: String) -> ApusError {
        ApusError(
            .name, in: "network notation", "\"\(token)\" in \"\(notation)\" \(problem)",
            remedy: "use C16 (or C16k5s2), B, R, T, S, P, A, GAP, D0.5, F and L10")
    }

    private static func number(_ text: String, _ token: String, _ notation: String) throws(ApusError) -> Int {
        guard let value = Int(text), (1...65536).contains(value) else {
            throw failure(token, notation, "needs a number from 1 to 65536")
        }
        return value
    }

    private static func convolution(
        _ text: String, _ token: String, _ notation: String
    ) throws(ApusError) -> (maps: Int, kernel: Int, stride: Int) {
        var values = ["c": ""]
        var field = "c"
        for character in text.lowercased() {
            if character == "k" || character == "s" {
                field = String(character)
                guard values[field] == nil else {
                    throw failure(token, notation, "needs each letter once, such as C16k5s2")
                }
                values[field] = ""
            } else {
                values[field]?.append(character)
            }
        }
        func value(_ field: String, _ fallback: String) throws(ApusError) -> Int {
            try number(values[field] ?? fallback, token, notation)
        }
        return (try value("c", ""), try value("k", "3"), try value("s", "1"))
    }
}
