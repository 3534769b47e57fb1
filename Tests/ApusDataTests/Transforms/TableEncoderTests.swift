import Apus
import TestSupport
import Testing

@Suite struct TableEncoderTests {
    private func table(_ text: String, _ format: CSV.Format = .init(hasHeader: true)) throws -> Table {
        try CSV.decode(Array(text.utf8), format)
    }

    private func rows(_ encoder: TableEncoder, _ table: Table) throws -> [[Float]] {
        let values: [Float] = try encoder.inputs(table).array()
        return stride(from: 0, to: values.count, by: encoder.width).map { Array(values[$0..<$0 + encoder.width]) }
    }

    private func column(_ values: [Double], _ name: String = "x") throws -> Table {
        try Table([Table.Column(name, .numbers(values))])
    }

    /// The exercise: mean and deviation of the training values, applied to test values.
    @Test func figuresAreThoseOfTraining() throws {
        let encoder = try TableEncoder(fitting: try column([0, 50, 100, 150, 200]))
        let test: [Double] = try encoder.inputs(try column([100, 250])).cast(to: .float64).array()
        #expect(zip(test, [0, 2.12132034355964]).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    /// The exercise: two numbers, twice ten categories and a truth value are 23 inputs.
    @Test func aMushroomIsTwentyThreeNumbers() throws {
        let letters = (0..<10).map { String(UnicodeScalar(UInt8(97 + $0))) }
        let mushrooms = try Table([
            .init("cap_size", .numbers((0..<20).map(Double.init))),
            .init("cap_colour", .texts((0..<20).map { letters[$0 % 10] })),
            .init("stem_length", .numbers((0..<20).map { Double($0 * $0) })),
            .init("odour", .texts((0..<20).map { letters[9 - $0 % 10] })),
            .init("gills", .texts((0..<20).map { $0 % 3 == 0 ? "yes" : "no" })),
            .init("poisonous", .texts((0..<20).map { $0 < 7 ? "yes" : "no" })),
        ])
        let encoder = try TableEncoder(fitting: mushrooms, target: "poisonous")
        #expect(encoder.width == 23 && encoder.names.count == 23 && encoder.names[1] == "cap_colour=a")
        #expect(encoder.classNames == ["no", "yes"])
        let one = try encoder.dataset(mushrooms, asProbability: true)
        #expect(one.targetShape == [1] && one.inputShape == [23])
        let two = try encoder.dataset(mushrooms)
        #expect(two.classCount == 2 && two.label(at: 0) == 1 && two.label(at: 19) == 0)
    }

    @Test func numbersAreScaled() throws {
        let train = try column([1, 2, 3, 4, .nan, 10])
        func values(_ feature: TableFeature, _ x: [Double]) throws -> [Float] {
            try rows(try TableEncoder(fitting: train, [feature]), try column(x)).flatMap { $0 }
        }
        #expect(try values(.scaled("x"), [1, 10, 19]) == [0, 1, 2])
        #expect(try values(.scaled("x", to: -1...1), [1, 10]) == [-1, 1])
        #expect(try values(.robust("x"), [3, 5, .nan]) == [0, 1, 0])
        #expect(try values(.number("x"), [.nan, 7]) == [4, 7])
        #expect(try values(.number("x", missing: .median), [.nan]) == [3])
        #expect(try values(.number("x", missing: .mostFrequent), [.nan]) == [1])
        #expect(try values(.number("x", missing: .constant(-5)), [.nan]) == [-5])
        #expect(try values(.isMissing("x"), [.nan, 7]) == [1, 0])
        #expect(try values(.binned("x", edges: [2, 4]), [1, 2, 9]) == [1, 0, 0, 0, 1, 0, 0, 0, 1])
        // Quartiles of 1, 2, 3, 4, 10.
        #expect(
            try TableEncoder(fitting: train, [.binned("x", 4)]).names == [
                "x < 2.0", "2.0 <= x < 3.0", "3.0 <= x < 4.0", "4.0 <= x",
            ])
        #expect(try values(.standardized("x"), [4]) == [0])
        #expect(try rows(try TableEncoder(fitting: column([5, 5])), try column([5, 6])) == [[0], [1]])
    }

    @Test func categoriesBecomePlaces() throws {
        let train = try table("kind,n\nb,1\na,2\n?,1\nb,1\n")
        let test = try table("kind\na\nnew\n?\n")
        func encoded(_ feature: TableFeature) throws -> [[Float]] {
            try rows(try TableEncoder(fitting: train, [feature]), test)
        }
        #expect(try encoded(.oneHot("kind")) == [[1, 0, 0], [0, 0, 0], [0, 0, 1]])
        #expect(try encoded(.oneHot("kind", missing: .mostFrequent)) == [[1, 0], [0, 0], [0, 1]])
        #expect(try encoded(.oneHot("kind", missing: .category("z"))) == [[1, 0, 0], [0, 0, 0], [0, 0, 1]])
        #expect(try encoded(.ordinal("kind")) == [[0], [-1], [-1]])
        #expect(try encoded(.ordinal("kind", order: ["new", "b", "a"])) == [[2], [0], [-1]])
        let hashed = try encoded(.hashed("kind", buckets: 7))
        #expect(hashed.allSatisfy { $0.count == 7 && $0.reduce(0, +) == 1 } && hashed[0] != hashed[1])
        // A number is the same category however it is written.
        let numbers = try TableEncoder(fitting: train, [.oneHot("n")])
        #expect(numbers.names == ["n=1", "n=2"])
        #expect(try numbers.inputs([["n": "1.0"], ["n": "2"]]).array(of: Float.self) == [1, 0, 0, 1])
        let crossed = try TableEncoder(fitting: train, [.crossed(["kind", "n"], buckets: 64)])
        let places = try rows(crossed, train).map { $0.firstIndex(of: 1) }
        #expect(places[0] == places[3] && places[0] != places[1] && crossed.width == 64)
    }

    @Test func truthValuesAreOnesAndZeros() throws {
        let train = try table("a,b\nyes,true\nno,false\nyes,true\n")
        let encoder = try TableEncoder(fitting: train)
        #expect(encoder.names == ["a", "b"])
        #expect(try rows(encoder, train) == [[1, 1], [0, 0], [1, 1]])
        #expect(try encoder.inputs([["a": "N", "b": "1"], [:]]).array(of: Float.self) == [0, 1, 1, 1])
        #expect(
            refusal { _ = try encoder.inputs([["a": "maybe"]]) }?.problem
                == "row 0 of the column \"a\" is \"maybe\", which is neither true nor false")
    }

    @Test func datesHaveParts() throws {
        let train = try table("day\n2016-07-01 13:30:00\n2018-02-28 00:00:00\n")
        let plain = try TableEncoder(
            fitting: train, [.date("day", [.year, .month, .day, .weekday, .hour, .minute, .dayOfYear], cyclic: false)])
        // The first of July 2016 was a Friday, the last of February 2018 a Wednesday.
        #expect(try rows(plain, train) == [[2016, 7, 1, 5, 13, 30, 183], [2018, 2, 28, 3, 0, 0, 59]])
        let cyclic = try TableEncoder(fitting: train, [.date("day", [.year, .month])])
        let values = try rows(cyclic, train)
        #expect(values[0][0] == -1 && values[1][0] == 1 && abs(values[0][1]) < 1e-6 && values[0][2] == -1)
        #expect(cyclic.names == ["day.year", "day.month sin", "day.month cos"])
        let text = try plain.inputs([["day": "2000/2/29"]]).array(of: Float.self)
        #expect(text == [2000, 2, 29, 2, 0, 0, 60])
        for bad in ["2001-02-29", "2001-13-01", "yesterday", "2001-01-01 25:00", "1", ""] {
            #expect(refusal { _ = try plain.inputs([["day": bad]]) } != nil, "\(bad)")
        }
    }

    @Test func targetsLendTheirMeans() throws {
        let train = try table("town,price\na,10\na,30\nb,80\n")
        let encoder = try TableEncoder(fitting: train, [.targetMean("town", smoothing: 2)], target: "price")
        // The mean of all is 40: (10 + 30 + 2 * 40) / 4 and (80 + 2 * 40) / 3.
        let values: [Float] = try encoder.inputs([["town": "a"], ["town": "b"], ["town": "c"]]).array()
        #expect(values == [30, Float(160.0 / 3), 40])
        #expect(try encoder.targets(train).array(of: Float.self) == [10, 30, 80])
        let classes = try table("town,kind\na,x\na,y\nb,z\n")
        let shares = try TableEncoder(fitting: classes, [.targetMean("town", smoothing: 0)], target: "kind")
        #expect(shares.width == 3)
        #expect(try shares.inputs([["town": "a"]]).array(of: Float.self) == [0.5, 0.5, 0])
        #expect(try shares.targets(classes).array(of: Int.self) == [0, 1, 2])
    }

    @Test func whatIsSavedDoesTheSame() throws {
        let train = try table(
            "n,kind,ok,day,y\n1.5,a,yes,2016-07-01,u\n?,b,no,2017-01-02,v\n3.25,?,yes,2018-03-04,u\n")
        let encoder = try TableEncoder(
            fitting: train,
            [
                .standardized("n"), .scaled("n"), .robust("n"), .binned("n", 3), .isMissing("n"), .number("n"),
                .oneHot("kind"),
                .ordinal("kind", missing: .category("a")), .hashed("kind", buckets: 5),
                .crossed(["kind", "ok"], buckets: 9),
                .boolean("ok"), .date("day"), .date("day", cyclic: false), .targetMean("kind"),
                .number("n", missing: .constant(0.1)),
            ], target: "y")
        let folder = TemporaryFolder()
        try encoder.save(to: folder.file("encoder.json"))
        let read = try TableEncoder(path: folder.file("encoder.json"))
        #expect(read == encoder && read.names == encoder.names && read.classNames == ["u", "v"])
        #expect(try read.inputs(train).array(of: Float.self) == encoder.inputs(train).array(of: Float.self))
        checkDamage(to: Array(encoder.json.text().utf8)) {
            let read = try TableEncoder(json: try JSON(parsing: $0, place: "x"), place: "x")
            _ = try read.inputs([["n": "1", "kind": "b", "ok": "no", "day": "2000-01-01"]])
        }
    }

    @Test func mistakesAreNamed() throws {
        let train = try table("n,kind,y\n1,a,u\n2,b,v\n")
        func problem(_ features: [TableFeature], target: String? = nil) -> String? {
            refusal { _ = try TableEncoder(fitting: train, features, target: target) }?.problem
        }
        #expect(problem([]) == "the features make 0 numbers")
        #expect(problem([.number("m")]) == "it has no column \"m\", but n, kind, y")
        #expect(problem([.number("kind")]) == "row 0 of the column \"kind\" is \"a\", which is no number")
        #expect(problem([.targetMean("kind")]) == "targetMean of \"kind\": there is no target")
        let encoder = try TableEncoder(fitting: train, target: "y")
        let other = try table("n,kind,y\n1,a,w\n")
        #expect(
            refusal { _ = try encoder.targets(other) }?.problem
                == "row 0 has the class \"w\", which no training row had")
        let strict = try TableEncoder(fitting: train, [.number("n", missing: .refused)])
        #expect(refusal { _ = try strict.inputs([[:]]) }?.problem == "row 0 has no value in the column \"n\"")
        #expect(
            refusal { _ = try encoder.inputs(try table("m\n1\n")) }?.problem == "it has no column \"n\", but m")
    }

    /// Injected gaps are found, counted and filled in.
    @Test func gapsAreHandled() throws {
        guard let path = SharedFiles.path("tabular/california-housing.csv") else { return }
        let table = try CSV.read(path)
        #expect(try table["total_bedrooms"].missingCount == 207)
        let encoder = try TableEncoder(
            fitting: table,
            [
                .standardized("total_bedrooms", missing: .median), .isMissing("total_bedrooms"),
                .oneHot("ocean_proximity"),
            ],
            target: "median_house_value")
        #expect(encoder.width == 7)
        let inputs = try encoder.inputs(table)
        #expect(try inputs[.all, 1].sum().item() == 207)
        #expect(try inputs.isFinite().all().item() == 1)
        #expect(try table.droppingMissing().count == 20_433)
    }
}
