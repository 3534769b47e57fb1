import ApusCore
import TestSupport

/// Expected values computed with NumPy and SciPy.
extension Values {
    static let numbers: [ValueRow] = [
        ValueRow(
            "cubeRoot", [2, 3],
            [
                1, -1.2599210498948732, 1.4422495703074083, 1.5874010519681996, 1.709975946676697,
                -1.8171205928321397,
            ]
        ) { x.cubeRoot() },
        ValueRow(
            "radians", [2, 3],
            [
                1.5707963267948966, -3.141592653589793, 4.71238898038469, 6.283185307179586, 7.853981633974483,
                -9.42477796076938,
            ]
        ) { (x * 90).radians() },
        ValueRow(
            "degrees", [2, 3],
            [
                57.29577951308232, -114.59155902616465, 171.88733853924697, 229.1831180523293, 286.4788975654116,
                -343.77467707849394,
            ]
        ) { x.degrees() },
        ValueRow("heaviside", [5], [1, 0, 0.25, 0.25, 0]) { (v - 2).heaviside(atZero: 0.25) },
        ValueRow("signBit", [4], [1, 0, 1, 0]) { Tensor([-0.0, 0, -3, 3], shape: [4]).signBit() },
        ValueRow("isPositiveInfinity", [2, 3], [1, 0, 1, 1, 1, 0]) { (x / 0).isPositiveInfinity() },
        ValueRow("isNegativeInfinity", [2, 3], [0, 1, 0, 0, 0, 1]) { (x / 0).isNegativeInfinity() },
        ValueRow("scaled", [2, 3], [2, -1, 24, 8, 2.5, -48]) { x.scaled(byPowerOfTwo: Tensor([Int32(1), -1, 3])) },
        ValueRow("not", [4], [-7, 8, -13, -1]) { ~i },
        ValueRow("not of bytes", [4], [249, 246, 243, 255]) { ~i.absolute().cast(to: .uint8) },
        ValueRow("saturatingCast", [2, 3], [100, 0, 255, 255, 255, 0]) { (x * 100).saturatingCast(to: .uint8) },
        ValueRow(
            "saturatingCast to int32", [2, 3],
            [1000000000, -2000000000, 2147483647, 2147483647, 2147483647, -2147483648]
        ) { (x * 1e9).saturatingCast(to: .int32) },
        ValueRow("divideOrZero", [5], [3, -1, 0, 0, 0.3333333333333333]) { Tensor.divideOrZero(v, v - 2) },
        ValueRow("maximumNumber", [2, 4], [1.5, 1.5, 3, 2, 1.5, 1.5, 4, 1.5]) {
            Tensor.maximumNumber(n, n.like(repeating: 1.5))
        },
        ValueRow("minimumNumber", [2, 4], [1, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, -1]) {
            Tensor.minimumNumber(n, n.like(repeating: 1.5))
        },
        ValueRow("quotientAndRemainder", [4], [102, -197, -204, 0]) {
            Tensor.quotientAndRemainder(i, j).remainder + Tensor.quotientAndRemainder(i, j).quotient * 100
        },
        ValueRow(
            "logAddExp2", [2, 3],
            [
                2.584962500721156, -0.4150374992788438, 4.584962500721156, 5.584962500721156, 6.584962500721156,
                -4.415037499278844,
            ]
        ) { Tensor.logAddExp2(x, x + 1) },
        ValueRow("select", [2, 3], [-1, -2, -3, 40, 50, -6]) {
            Tensor.select([(x .> 3, x * 10), (x .> 0, -x)], otherwise: x)
        },
        ValueRow("isClose", [2, 3], [1, 1, 1, 1, 1, 1]) { Tensor.isClose(x, x + 1e-6 * x) },
        ValueRow("isClose of NaN and infinity", [2, 4], [1, 1, 1, 1, 1, 1, 1, 1]) {
            Tensor.isClose(n / 0, n / 0, equalNaN: true)
        },
        ValueRow("allClose", [], [0]) { Tensor.allClose(x, x + 1) },
        ValueRow("gcd", [4], [2, 3, 4, 5]) { Tensor.greatestCommonDivisor(i, j) },
        ValueRow("lcm", [4], [12, 18, 24, 0]) { Tensor.leastCommonMultiple(i, j) },
        ValueRow("trigamma", [4], [102.74898624046874, 26.267377205423795, 0.1917224860298162, 0.035457278578232804]) {
            (p - 1.3).trigamma()
        },
        ValueRow(
            "besselI0", [2, 3],
            [
                168.59390851028968, 129418.56270064856, 115513961.92215805, 109534604731.75725, 107338818494514.08,
                1.0738954136804509e+17,
            ]
        ) { (x * 7).besselI0() },
        ValueRow(
            "besselI1", [2, 3],
            [
                156.03909286995534, -124707.25914906985, 112729199.13777551, 107560504208.08223, 105794126051896.27,
                -1.0610329636160638e+17,
            ]
        ) { (x * 7).besselI1() },
        ValueRow("incompleteGamma", [4], [0.5057969824672524, 0.28741828378277906, 0.9908357569799121, 1]) {
            Tensor.incompleteGamma(p, p.square() * 0.3 + 0.01)
        },
        ValueRow(
            "incompleteGamma far out", [4],
            [0.761934501276876, 0.6931626270356457, 0.7554379782947439, 0.8957967326186603]
        ) { Tensor.incompleteGamma(p * 20, p * 21 + 1) },
        ValueRow("incompleteGamma at its ends", [4], [0, 0, 0, 0]) { Tensor.incompleteGamma(p, p.like(repeating: 0)) },
    ]
}
