import Apus
import TestSupport
import Testing

@Suite struct SequentialTests {
    private func network(deep: Bool, extra: (any Module)? = nil) -> Sequential {
        Sequential {
            Dense(4)
            if deep {
                for width in [5, 6] { Dense(width).named("wide\(width)") }
            } else {
                Activation(.relu)
            }
            extra
            [Dropout(0.1), Dropout(0.2)]
            if !deep { Activation(.tanh) }
            Dense(2)
        }
    }

    @Test func conditionsLoopsAndListsBuild() {
        #expect(
            network(deep: true).names == ["dense1", "wide5", "wide6", "dropout1", "dropout2", "dense2"])
        #expect(
            network(deep: false, extra: Flatten()).names
                == ["dense1", "activation1", "flatten1", "dropout1", "dropout2", "activation2", "dense2"])
    }

    @Test func namesAreDistinct() {
        let model = Sequential {
            Dense(1).named("a")
            Dense(1).named("a")
            Dense(1)
            Dense(1).named("dense1")
        }
        #expect(model.names == ["a", "a1", "dense2", "dense1"])
    }

    @Test func headsAreCutAndReplaced() throws {
        let model = network(deep: false)
        try model.build(inputShape: [1, 3])
        let first = model["dense1"]
        model["dense2"] = Dense(7)
        #expect(try model.build(inputShape: [1, 3]) == [1, 7])
        #expect(model["dense1"] === first)
        let body = try #require(model.prefix(upTo: "dense2"))
        #expect(try body.build(inputShape: [1, 3]) == [1, 4])
        #expect(body["dense1"] === first)
        #expect(model.prefix(upTo: "none") == nil)
        #expect((model.removeLast() as? Dense)?.units == 7)
        model.append(Dense(9))
        model.append(Dense(3), name: "head")
        model["dropout1"] = nil
        #expect(model.names == ["dense1", "activation1", "dropout2", "activation2", "dense2", "head"])
        #expect(try model.build(inputShape: [1, 3]) == [1, 3])
        let empty = Sequential([])
        #expect(empty.removeLast() == nil)
        #expect(empty(Tensor.ones([2])).shape == [2])
    }
}
