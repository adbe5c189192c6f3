/// Algebra that holds element by element, as text. Every rule is sampled and held to the evaluator by a test.
///
/// In floating point: `x + 0` is 0 where x is -0.0, so only `x + -0.0` and `x - 0` are x; `x · 0` is NaN for
/// infinities; `-(a - b)` and `b - a` differ in the sign of zero. Constants stand second in commutative ops (see
/// ArithmeticRules).
/// Rules marked `rounding` round in other places than what they replace; `inexact` ones change more.
enum Algebra {
  static let text = """
    // Signs.
    double-negation: negate(negate(x)) => x
    add-of-negation: add(x, negate(y)) => subtract(x, y)
    negation-added: add(negate(x), y) => subtract(y, x)
    subtract-of-negation: subtract(x, negate(y)) => add(x, y)
    negation-as-product: multiply(x, -1) => negate(x) where x is float
    negation-as-difference: subtract(-0.0, x) => negate(x)
    negated-difference: negate(subtract(x, y)) => subtract(y, x) where x is integer
    product-of-negations: multiply(negate(x), negate(y)) => multiply(x, y)
    quotient-of-negations: divide(negate(x), negate(y)) => divide(x, y) where x is float
    absolute-of-negation: absolute(negate(x)) => absolute(x) where x is float
    absolute-twice: absolute(absolute(x)) => absolute(x)

    // Neutral elements.
    add-negative-zero: add(x, -0.0) => x where x is float
    add-zero: add(x, 0) => x where x is integer
    subtract-zero: subtract(x, 0) => x
    multiply-one: multiply(x, 1) => x
    divide-by-one: divide(x, 1) => x
    multiply-zero: multiply(x, 0) => 0 where x is integer
    subtract-itself: subtract(x, x) => 0 where x is integer
    inexact float-add-zero: add(x, 0) => x where x is float

    // Powers.
    power-zero: power(x, 0) => 1
    power-one: power(x, 1) => x
    rounding power-two: power(x, 2) => multiply(x, x)
    power-minus-one: power(x, -1) => reciprocal(x) where x is float
    reciprocal-as-quotient: divide(1, x) => reciprocal(x) where x is float
    rounding power-three: power(x, 3) => multiply(multiply(x, x), x)
    inexact power-half: power(x, 0.5) => sqrt(x) where x is float
    rounding divide-by-reciprocal: divide(x, reciprocal(y)) => multiply(x, y)
    rounding multiply-reciprocal: multiply(x, reciprocal(y)) => divide(x, y)

    // Bounds.
    relu-twice: relu(relu(x)) => relu(x)
    maximum-itself: maximum(x, x) => x
    minimum-itself: minimum(x, x) => x

    // Truth.
    not-twice: logical_not(logical_not(x)) => x
    and-itself: logical_and(x, x) => x
    or-itself: logical_or(x, x) => x
    and-true: logical_and(x, 1) => x
    or-false: logical_or(x, 0) => x
    and-false: logical_and(x, 0) => 0
    or-true: logical_or(x, 1) => 1
    not-equal: logical_not(equal(x, y)) => not_equal(x, y)
    not-unequal: logical_not(not_equal(x, y)) => equal(x, y)
    not-less: logical_not(less(x, y)) => greater_equal(x, y) where x is integer
    not-greater: logical_not(greater(x, y)) => less_equal(x, y) where x is integer

    // Bits.
    bitwise-not-twice: bitwise_not(bitwise_not(x)) => x
    bitwise-and-itself: bitwise_and(x, x) => x
    bitwise-or-itself: bitwise_or(x, x) => x
    bitwise-xor-itself: bitwise_xor(x, x) => 0
    bitwise-and-zero: bitwise_and(x, 0) => 0
    bitwise-or-zero: bitwise_or(x, 0) => x
    bitwise-xor-zero: bitwise_xor(x, 0) => x
    shift-left-zero: shift_left(x, 0) => x
    shift-right-zero: shift_right(x, 0) => x

    // Rounding what is whole.
    floor-twice: floor(floor(x)) => floor(x)
    ceil-twice: ceil(ceil(x)) => ceil(x)
    round-twice: round(round(x)) => round(x)
    truncate-twice: truncate(truncate(x)) => truncate(x)

    // Choices.
    select-same: select(c, x, x) => x
    select-true: select(1, x, y) => x
    select-false: select(0, x, y) => y
    select-negated: select(logical_not(c), x, y) => select(c, y, x)

    // Movement.
    copy: copy(x) => x
    stop-gradient: stop_gradient(x) => x
    reverse-twice: reverse{axes: %a}(reverse{axes: %a}(x)) => x

    // Activations that are written out.
    rounding silu: multiply(x, sigmoid(x)) => silu(x)
    rounding silu-swapped: multiply(sigmoid(x), x) => silu(x)

    // The Gaussian error linear unit as exporters write it; the order of its factors differs.
    rounding gelu-root: erf(divide(x, 1.4142135623730951)) => erf(multiply(x, 0.7071067811865476))
    rounding gelu-1:
      multiply(multiply(x, add(erf(multiply(x, 0.7071067811865476)), 1)), 0.5) => gelu{approximate: false}(x)
    rounding gelu-2:
      multiply(multiply(add(erf(multiply(x, 0.7071067811865476)), 1), x), 0.5) => gelu{approximate: false}(x)
    rounding gelu-3:
      multiply(multiply(x, 0.5), add(erf(multiply(x, 0.7071067811865476)), 1)) => gelu{approximate: false}(x)
    rounding gelu-4:
      multiply(add(erf(multiply(x, 0.7071067811865476)), 1), multiply(x, 0.5)) => gelu{approximate: false}(x)
    rounding gelu-5:
      multiply(x, multiply(add(erf(multiply(x, 0.7071067811865476)), 1), 0.5)) => gelu{approximate: false}(x)
    rounding gelu-tanh-1:
      multiply(multiply(x, add(tanh(multiply(add(x, multiply(multiply(multiply(x, x), x), 0.044715)),
        0.7978845608028654)), 1)), 0.5)
      => gelu{approximate: true}(x)
    rounding gelu-tanh-2:
      multiply(multiply(add(tanh(multiply(add(x, multiply(multiply(multiply(x, x), x), 0.044715)),
        0.7978845608028654)), 1), x), 0.5)
      => gelu{approximate: true}(x)
    rounding gelu-tanh-3:
      multiply(multiply(x, 0.5), add(tanh(multiply(add(x, multiply(multiply(multiply(x, x), x), 0.044715)),
        0.7978845608028654)), 1))
      => gelu{approximate: true}(x)
    rounding gelu-tanh-4:
      multiply(add(tanh(multiply(add(x, multiply(multiply(multiply(x, x), x), 0.044715)),
        0.7978845608028654)), 1), multiply(x, 0.5))
      => gelu{approximate: true}(x)
    rounding gelu-tanh-5:
      multiply(x, multiply(add(tanh(multiply(add(x, multiply(multiply(multiply(x, x), x), 0.044715)),
        0.7978845608028654)), 1), 0.5))
      => gelu{approximate: true}(x)
    """
}
