import ApusCore
import ApusData
import ApusSQLite
import Foundation
import GRDB
import Testing

/// A database in a folder that goes with it.
private final class Shop {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-sqlite-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String = "shop.sqlite") -> String { folder.appendingPathComponent(name).path }

    /// Customers, some of whom have no age or no city.
    func database(count: Int = 10) throws -> SQLiteDatabase {
        try DatabaseQueue(path: path()).write { connection in
            try connection.execute(
                sql: "CREATE TABLE customers (id INTEGER PRIMARY KEY, age, city, spent, photo, note)")
            try connection.execute(sql: "CREATE VIEW rich AS SELECT * FROM customers WHERE spent > 3")
            for id in 1...count {
                try connection.execute(
                    sql: "INSERT INTO customers VALUES (?, ?, ?, ?, ?, NULL)",
                    arguments: [
                        id, id == 3 ? nil : 20 + id, id % 4 == 0 ? nil : ["Graz", "Wien"][id % 2], Double(id) / 2,
                        Data([1, 2, UInt8(id % 256)]),
                    ])
            }
        }
        return try SQLiteDatabase(path: path())
    }
}

/// What a body is refused with.
private func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "it was not refused"
    } catch {
        return "\(error)"
    }
}

@Suite struct SQLiteDatabaseTests {
    @Test func queriesGiveTables() throws {
        let shop = try Shop()
        let database = try shop.database()
        #expect(try database.tableNames() == ["customers", "rich"])
        let table = try database.table("SELECT id, age, city, spent, note FROM customers ORDER BY id")
        #expect(table.count == 10 && table.columns.map(\.name) == ["id", "age", "city", "spent", "note"])
        #expect(table.columns.map(\.type) == [.number, .number, .text, .number, .text])
        #expect(table.columns.map(\.missingCount) == [0, 1, 2, 0, 10])
        #expect(try table["age"].text(at: 2) == nil && table["age"].text(at: 3) == "24")
        #expect(try table["spent"].numbers == (1...10).map { Double($0) / 2 })
        let data = try table.dropping(["note"]).droppingMissing().dataset(target: "city")
        #expect(data.count == 7 && data.classNames == ["Graz", "Wien"] && data.inputShape == [3])
        let empty = try database.table("SELECT id FROM customers WHERE id > 99 ORDER BY id")
        #expect(empty.count == 0)
    }

    @Test func argumentsAndTypesAreUsed() throws {
        let shop = try Shop()
        let database = try shop.database()
        let table = try database.table(
            "SELECT id, spent > 2 AS rich FROM customers WHERE city = ? AND age > ? ORDER BY id DESC",
            arguments: [.text("Wien"), .integer(22)], types: ["id": .text, "rich": .boolean])
        #expect(try table["id"].values == .texts(["9", "7", "5"]))
        #expect(try table["rich"].values == .booleans([true, true, true]))
    }

    @Test func largeTablesAreStreamed() throws {
        let shop = try Shop()
        let database = try shop.database(count: 2500)
        let query = "SELECT id, age, note FROM customers ORDER BY id"
        let tables = try database.tables(query, rows: 1000).elements()
        #expect(tables.map(\.count) == [1000, 1000, 500])
        #expect(tables.allSatisfy { $0.columns.map(\.type) == [.number, .number, .text] })
        #expect(try tables.flatMap { try $0["id"].numbers ?? [] } == (1...2500).map(Double.init))
        let photos = database.rows("SELECT photo FROM customers ORDER BY id DESC").take(2).map { row -> [UInt8] in
            guard case .blob(let bytes) = row["photo"] else { return [] }
            return bytes
        }
        #expect(try photos.elements() == [[1, 2, UInt8(2500 % 256)], [1, 2, UInt8(2499 % 256)]])
        // A second pass, and the same on more threads.
        #expect(try photos.workers(4).elements() == photos.elements())
    }

    /// What the first rows lack must not change the type of a column from one table to the next.
    @Test func typesAreThoseOfAllRows() throws {
        let shop = try Shop()
        let database = try shop.database()
        let query = "SELECT CASE WHEN id < 9 THEN NULL ELSE id END AS late FROM customers ORDER BY id"
        let tables = try database.tables(query, rows: 4).elements()
        #expect(try tables.map { try $0["late"].type } == [.number, .number, .number])
        #expect(try tables.map { try $0["late"].missingCount } == [4, 4, 0])
    }

    @Test func positionsAreRestored() throws {
        let shop = try Shop()
        let stream = try shop.database(count: 100).rows("SELECT id FROM customers ORDER BY id").shuffle(
            seed: 3, buffer: 16)
        let whole = try stream.elements()
        let reader = try stream.iterator()
        for _ in 0..<37 { _ = try reader.next() }
        let position = reader.position
        let other = try stream.iterator(at: position)
        var rest: [SQLiteRow] = []
        while let row = try other.next() { rest.append(row) }
        #expect(rest == Array(whole[37...]))
    }

    @Test func mistakesAreTold() throws {
        let shop = try Shop()
        let database = try shop.database()
        #expect(message { _ = try SQLiteDatabase(path: shop.path("none")) }.contains("none: there is no such file;"))
        #expect(!FileManager.default.fileExists(atPath: shop.path("none")))
        try Data("name,size\na,1\n".utf8).write(to: URL(fileURLWithPath: shop.path("table.csv")))
        #expect(
            message { _ = try SQLiteDatabase(path: shop.path("table.csv")) }.contains("no database of SQLite (byte 0)"))
        func refusal(_ query: String, types: [String: ApusData.Table.ColumnType] = [:]) -> String {
            message { _ = try database.table(query, types: types) }
        }
        #expect(refusal("SELECT agee FROM customers ORDER BY id").contains("SQLite says no such column: agee"))
        #expect(refusal("SELECT age FROM shops ORDER BY id").contains("SQLite says no such table: shops"))
        #expect(refusal("SELECT age FORM customers ORDER BY id").contains("syntax error"))
        #expect(refusal("SELECT age FROM customers").contains("the query has no ORDER BY"))
        #expect(refusal("SELECT id, id FROM customers ORDER BY id").contains("each a name of its own by AS"))
        #expect(
            message { _ = try database.table("DELETE FROM customers", ordered: false) }.contains(
                "the statement would change the database"))
        #expect(try database.table("SELECT count(*) AS count FROM customers", ordered: false)["count"].numbers == [10])
        #expect(
            refusal("SELECT CASE WHEN id = 6 THEN 'six' ELSE id END AS x FROM customers ORDER BY id").contains(
                "row 6 of the column \"x\" is the text \"six\", but row 1 is the integer 1;"))
        #expect(
            refusal("SELECT photo FROM customers ORDER BY id").contains("row 1 of the column \"photo\" is a blob of 3"))
        #expect(
            refusal("SELECT 9007199254740993 AS large ORDER BY 1").contains("which is no number that a Double can hold")
        )
        #expect(refusal("SELECT id FROM customers ORDER BY id", types: ["no": .text]).contains("use one of id"))
        #expect(
            refusal("SELECT id FROM customers ORDER BY id", types: ["id": .boolean]).contains(
                "row 2 of the column \"id\" is the integer 2, which is no boolean"))
        #expect(
            message { _ = try database.tables("SELECT city FROM customers", rows: 4).elements() }.contains("ORDER BY"))
        #expect(
            message { _ = try database.tables("SELECT id FROM customers ORDER BY id", rows: 0).elements() }.contains(
                "tables of 0 rows"))
        #expect(
            message { _ = try database.table("SELECT ? AS x ORDER BY 1", arguments: []) }.contains("argument"))
    }

    @Test func damagedFilesAreRefused() throws {
        let shop = try Shop()
        _ = try shop.database(count: 2000)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: shop.path())))
        for offset in 8192..<bytes.count { bytes[offset] = 0xff }
        try Data(bytes).write(to: URL(fileURLWithPath: shop.path("damaged")))
        let text = message {
            _ = try SQLiteDatabase(path: shop.path("damaged")).table("SELECT * FROM customers ORDER BY id")
        }
        #expect(text.contains("malformed"), "\(text)")
    }

    @Test(arguments: [
        ("SELECT a FROM t ORDER BY a", true), ("select a from t order\n by a limit 3", true),
        ("SELECT a FROM t", false),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a)", false), ("SELECT 'x ORDER BY y' FROM t", false),
        ("SELECT a FROM t -- ORDER BY a", false), ("SELECT a FROM t /* ORDER BY a */", false),
        ("SELECT \"ORDER BY\", [ORDER BY] FROM t", false), ("SELECT rank() OVER (ORDER BY a) FROM t", false),
        ("SELECT a FROM (SELECT 1) /* */ ORDER /* x */ BY a -- done", true),
    ])
    func orderIsSeen(query: String, isGiven: Bool) throws {
        let shop = try Shop()
        let text = message { _ = try shop.database().table(query) }
        #expect(text.contains("has no ORDER BY") == !isGiven, "\(text)")
    }
}
