// The distance between two ticks: 1, 2 or 5 times a power of ten.

import Foundation

/// A distance between ticks that people count in.
struct NiceStep: Equatable {
    /// 1, 2 or 5.
    let mantissa: Int
    /// The power of ten.
    let exponent: Int

    /// Quotients of a value and the step carry a rounding error; this much counts as being on the tick, in steps.
    private static let tolerance = 1e-9

    /// The distance itself.
    var size: Double { value(at: 1) }

    /// The next larger nice step.
    var next: NiceStep {
        switch mantissa {
        case 1: NiceStep(mantissa: 2, exponent: exponent)
        case 2: NiceStep(mantissa: 5, exponent: exponent)
        default: NiceStep(mantissa: 1, exponent: exponent + 1)
        }
    }

    /// The largest power of ten that is not larger than a distance.
    ///
    /// - Parameter distance: positive and finite.
    /// - Returns: a step with mantissa 1.
    static func powerOfTen(below distance: Double) -> NiceStep {
        precondition(distance > 0 && distance.isFinite, "no step below \(distance)")
        return NiceStep(mantissa: 1, exponent: Int(log10(distance).rounded(.down)))
    }

    /// The multiple with this index.
    ///
    /// Divides by a positive power of ten rather than multiplying by a negative one, so that 3 × 0.1 is 0.3 and not 0.30000000000000004.
    func value(at index: Int) -> Double {
        let count = Double(index * mantissa)
        return exponent < 0 ? count / pow(10, Double(-exponent)) : count * pow(10, Double(exponent))
    }

    /// The index of the first multiple that is not below a value.
    func indexAtOrAbove(_ value: Double) -> Int { Int((value / size - Self.tolerance).rounded(.up)) }

    /// The index of the last multiple that is not above a value.
    func indexAtOrBelow(_ value: Double) -> Int { Int((value / size + Self.tolerance).rounded(.down)) }
}
