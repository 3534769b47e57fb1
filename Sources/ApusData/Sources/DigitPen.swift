// Writing one digit: a hand is chosen and varied, then its strokes become ink on 28 by 28 pixels.

/// Random numbers that depend on a seed and an index alone, so that images can be drawn in any order.
package struct DigitRandom {
    private var state: UInt64

    /// The stream of one index under a seed.
    package init(seed: UInt64, index: UInt64) {
        state = Self.mixed(Self.mixed(seed &+ 0x9e37_79b9_7f4a_7c15) ^ index &* 0xd134_2543_de82_ef95)
    }

    /// The finalizer of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    package mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mixed(state)
    }

    /// A number from `low` up to `high`.
    package mutating func uniform(_ low: Float, _ high: Float) -> Float {
        low + (high - low) * Float(bits() >> 40) * 0x1p-24
    }

    /// A number around 0 with deviation 1: the sum of four uniform ones, which needs no logarithm and stays within 3.5.
    package mutating func normal() -> Float {
        let bits = bits()
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + bits >> 48
        return (Float(sum) * 0x1p-16 - 2) * 1.732_050_8
    }

    /// A whole number from 0 up to `limit`, which is small.
    package mutating func below(_ limit: Int) -> Int { Int((bits() >> 32 &* UInt64(limit)) >> 32) }
}

/// The pen and the sheet.
package struct DigitPen {
    package typealias Point = SIMD2<Float>

    /// Pixels per side.
    package static let side = 28

    private var random: DigitRandom
    // From the box of the glyph to pixels.
    private let xAxis: Point, yAxis: Point, centre: Point
    // A smooth field that bends the sheet: three waves.
    private let waves: [(direction: Point, phase: Float, push: Point)]
    private let radius: Float

    private init(_ random: DigitRandom) {
        var random = random
        let height = random.uniform(17, 20.5)
        let width = height * random.uniform(0.72, 1.05)
        let slant = 0.12 * random.normal() + 0.08
        let turn = 0.07 * random.normal()
        // The sine's and cosine's first terms: exact enough for such turns, and the same bits everywhere.
        let (sine, cosine) = (turn - turn * turn * turn / 6, 1 - turn * turn / 2)
        xAxis = Point(cosine, sine) * width
        yAxis = Point(-sine - slant * cosine, cosine - slant * sine) * height
        centre = Point(random.uniform(11.3, 16.7), random.uniform(11.3, 16.7))
        waves = (0..<3).map { _ in
            let direction = Point(random.uniform(-1, 1), random.uniform(-1, 1))
            let push = Point(random.normal(), random.normal()) * 0.022
            return (direction, random.uniform(0, 1), push)
        }
        radius = random.uniform(1.3, 1.9)
        self.random = random
    }

    /// Draws the digit of an index into `pixels`, which has 28 x 28 of them, and returns which one it is.
    package static func draw(seed: UInt64, index: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let label = label(seed: seed, index: index)
        var pen = DigitPen(DigitRandom(seed: seed, index: UInt64(index)))
        let hands = DigitGlyph.hands[label]
        pen.write(hands[pen.random.below(hands.count)], into: pixels)
        return label
    }

    /// Ten images in a row hold every digit once, in an order of their own.
    private static func label(seed: UInt64, index: Int) -> Int {
        var random = DigitRandom(seed: ~seed, index: UInt64(index / 10))
        var order = Array(0..<10)
        for position in stride(from: 9, to: 0, by: -1) { order.swapAt(position, random.below(position + 1)) }
        return order[index % 10]
    }

    private mutating func write(_ glyph: DigitGlyph, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        // Per pixel, how far outside the ink it is, in pixels.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: pixels.count) { distance in
            distance.initialize(repeating: 8)
            for stroke in glyph.strokes { ink(stroke, into: distance) }
            develop(distance, into: pixels)
        }
    }

    /// Runs the pen smoothly through the points of a stroke.
    private mutating func ink(_ stroke: [Point], into distance: UnsafeMutableBufferPointer<Float>) {
        var points: [Point] = []
        points.reserveCapacity(stroke.count + 2)
        for (index, point) in stroke.enumerated() {
            // The two of a corner stay together.
            let repeats = index > 0 && stroke[index - 1] == point
            let unsteady = point + Point(random.normal(), random.normal()) * 0.015
            points.append(repeats ? points[index - 1] : placed(unsteady))
        }
        points.insert(points[0] * 2 - points[1], at: 0)
        points.append(points[points.count - 1] * 2 - points[points.count - 2])
        var pressure = radius * random.uniform(0.85, 1.15)
        for index in 1..<points.count - 2 where points[index] != points[index + 1] {
            let next = radius * random.uniform(0.8, 1.2)
            var last = points[index]
            for step in 1...4 {
                let position = Float(step) / 4
                let point = Self.spline(points[index - 1..<index + 3], position)
                draw(last, point, pressure + (next - pressure) * position, into: distance)
                last = point
            }
            pressure = next
        }
    }

    /// From the box of the glyph to bent sheet, in pixels.
    private func placed(_ point: Point) -> Point {
        var bent = point - Point(0.5, 0.5)
        let origin = bent
        for wave in waves {
            let product = origin * wave.direction
            bent += wave.push * Self.wave(product.x + product.y + wave.phase)
        }
        return centre + xAxis * bent.x + yAxis * bent.y
    }

    /// A wave of period 1 from parabolas, close to a sine.
    private static func wave(_ position: Float) -> Float {
        let phase = position - position.rounded(.down)
        return phase < 0.5 ? 16 * phase * (0.5 - phase) : 16 * (phase - 0.5) * (phase - 1)
    }

    /// The Catmull-Rom spline between the second and the third of four points.
    private static func spline(_ points: ArraySlice<Point>, _ t: Float) -> Point {
        let start = points.startIndex
        let (a, b, c, d) = (points[start], points[start + 1], points[start + 2], points[start + 3])
        let slope = (c - a) * 0.5
        let second = a - b * 2.5 + c * 2 - d * 0.5
        let third = (d - a) * 0.5 + (b - c) * 1.5
        return b + (slope + (second + third * t) * t) * t
    }

    /// Marks the pixels near a straight piece of ink.
    private func draw(
        _ start: Point, _ end: Point, _ radius: Float, into distance: UnsafeMutableBufferPointer<Float>
    ) {
        let side = Self.side
        let reach = radius + 1.5
        let low = pointwiseMin(start, end) - reach
        let high = pointwiseMax(start, end) + reach
        let columns = max(0, Int(low.x))..<max(max(0, Int(low.x)), min(side, Int(max(high.x, 0)) + 1))
        let rows = max(0, Int(low.y))..<max(max(0, Int(low.y)), min(side, Int(max(high.y, 0)) + 1))
        let along = end - start
        let length = along.x * along.x + along.y * along.y
        let scale = length > 0 ? 1 / length : 0
        let (square, half) = (radius * radius, 0.5 / radius)
        for row in rows {
            let y = Float(row) + 0.5 - start.y
            for column in columns {
                let x = Float(column) + 0.5 - start.x
                let position = min(max((x * along.x + y * along.y) * scale, 0), 1)
                let (dx, dy) = (x - position * along.x, y - position * along.y)
                // Close to the edge this is the distance from it; no root is needed.
                let outside = (dx * dx + dy * dy - square) * half
                let index = row * side + column
                if outside < distance[index] { distance[index] = outside }
            }
        }
    }

    /// Turns distances into shades, with the faults of a scan.
    private mutating func develop(
        _ distance: UnsafeMutableBufferPointer<Float>, into pixels: UnsafeMutableBufferPointer<UInt8>
    ) {
        let sharpness = random.uniform(0.65, 1.1)
        let strength = random.uniform(225, 255)
        let noise = max(0, random.uniform(-6, 10))
        for index in pixels.indices {
            let coverage = min(max(0.5 - distance[index] * sharpness, 0), 1)
            var shade = strength * coverage
            if noise > 0 { shade += noise * random.normal() }
            pixels[index] = UInt8(min(max(shade + 0.5, 0), 255))
        }
    }
}
