import ApusCore
import TestSupport
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "[1,2,{\"a\":[]}]", "{\"b\":1,\"a\":{\"c\":null}}", "-9223372036854775808", "1.5e-300",
        "\"\\\"\\\\\\n\\u0001é😀\"", "[]", "{}", "0.1",
    ])
    func textSurvives(_ text: String) throws {
        #expect(try JSON(parsing: text).text() == text)
    }

    @Test func readsWhatOthersWrite() throws {
        let json = try JSON(
            parsing: " { \"a\" : [ 1 , -0 , 1E2 , 12345678901234567890 ] , \"\\u00e9\\ud83d\\ude00\\/\" : \"x\" }\n")
        #expect(json["a"] == [1, 0, 100.0, 12345678901234567890.0])
        #expect(json["é😀/"]?.string == "x")
        #expect(json["a"]?[3]?.integer == nil)
        #expect(json["a"]?[0]?.integer == 1)
        #expect(json["none"] == nil)
    }

    @Test func prettyText() {
        let json: JSON = ["name": "net", "sizes": [1, 2.5], "empty": [], "nan": .number(.nan)]
        #expect(
            json.text(pretty: true) == """
                {
                  "name": "net",
                  "sizes": [
                    1,
                    2.5
                  ],
                  "empty": [],
                  "nan": null
                }
                """)
    }

    @Test(arguments: [
        ("", "a value is wanted, but the text ends (JSON, byte 0)"),
        ("{", "a text in quotes is wanted, but the text ends (JSON, byte 1)"),
        ("[1,]", "a value is wanted, but there is \"]\" (JSON, byte 3)"),
        ("[1 2]", "\",\" or \"]\" is wanted, but there is \"2\" (JSON, byte 3)"),
        ("{\"a\" 1}", "\":\" is wanted, but there is \"1\" (JSON, byte 5)"),
        ("01", "the number is malformed (JSON, byte 0)"),
        ("1.", "the number is malformed (JSON, byte 0)"),
        ("-", "the number is malformed (JSON, byte 0)"),
        ("1e", "the number is malformed (JSON, byte 0)"),
        ("1e999", "the number is too large (JSON, byte 0)"),
        ("NaN", "a value is wanted, but there is \"N\" (JSON, byte 0)"),
        ("tru", "a value is wanted, but there is \"t\" (JSON, byte 0)"),
        ("1 x", "the end of the text is wanted, but there is \"x\" (JSON, byte 2)"),
        ("\"a", "the text is not closed (JSON, byte 0)"),
        ("\"\\x\"", "an escaped character is wanted, but there is \"x\" (JSON, byte 2)"),
        ("\"\\u12g4\"", "four hexadecimal digits is wanted, but there is \"g\" (JSON, byte 5)"),
        ("\"\\ud800\"", "half of a surrogate pair stands alone (JSON, byte 1)"),
        ("\"\\ud800\\u0041\"", "half of a surrogate pair stands alone (JSON, byte 1)"),
        ("\"\n\"", "the text holds a control character (10) that is not escaped (JSON, byte 1)"),
        ("{\"a\":1,\"b\":2,\"a\":3}", "the name \"a\" comes twice in one object (JSON, byte 13)"),
        ("[\u{1}]", "a value is wanted, but there is byte 1 (JSON, byte 1)"),
    ])
    func mistakesAreNamed(text: String, problem: String) {
        let error = refusal { _ = try JSON(parsing: text) }
        #expect(error?.problem == problem)
        #expect(error?.place == "JSON text")
    }

    @Test func depthAndEncodingAreLimited() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(
            refusal { _ = try JSON(parsing: deep) }?.problem
                == "more than 64 objects and arrays are nested (JSON, byte 64)")
        let latin = refusal { _ = try JSON(parsing: [0x22, 0xe9, 0x22], place: "x") }
        #expect(latin?.problem == "the text holds bytes that are not UTF-8 (JSON, byte 1)")
    }

    @Test func damageIsNoTrap() {
        let text = "{\"name\": [1, 2.5, -3e7, true, null, \"caf\\u00e9 é\"], \"nested\": {\"a\": {\"b\": [[], {}]}}}"
        checkDamage(to: Array(text.utf8)) { _ = try JSON(parsing: $0, place: "x") }
    }
}
