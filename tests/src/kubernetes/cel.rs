//! Evaluates rules in the part of CEL that CustomResourceDefinitions in tests use.
//!
//! ```text
//! or         = and ("||" and)*
//! and        = comparison ("&&" comparison)*
//! comparison = unary (("==" | "!=" | "<=" | ">=" | "<" | ">" | "in") unary)?
//! unary      = "!" unary | value
//! value      = literal | "[" or ("," or)* "]" | "(" or ")" | "has(" path ")" | "size(" or ")" | path
//! path       = ("self" | "oldSelf") ("." name ("(" or ")")?)*      with size(), startsWith(x), endsWith(x), contains(x)
//! ```

use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Number(i64),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 16] = [
    "||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ".", ",", "-",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphabetic() || first == '_' {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            found.push(Token::Name(rest[..end].to_owned()));
            end
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            found.push(Token::Number(
                rest[..end].parse().map_err(|_| format!("a large number: {rest}"))?,
            ));
            end
        } else if first == '"' || first == '\'' {
            let end = rest[1..].find(first).ok_or_else(|| format!("an open string: {rest}"))?;
            found.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else {
            let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
            let symbol = symbol.ok_or_else(|| format!("an unknown character: {rest}"))?;
            found.push(Token::Symbol(symbol));
            symbol.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

#[derive(Clone, Debug)]
enum Expression {
    Literal(Value),
    List(Vec<Expression>),
    Root { is_old: bool },
    Member(Box<Expression>, String),
    Has(Box<Expression>),
    Call(String, Box<Expression>, Option<Box<Expression>>),
    Not(Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn take(&mut self, symbol: &str) -> bool {
        let is_next = matches!(self.tokens.get(self.at), Some(Token::Symbol(next)) if *next == symbol);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, symbol: &str) -> Result<(), String> {
        match self.take(symbol) {
            true => Ok(()),
            false => Err(format!("{symbol} is missing at token {}", self.at)),
        }
    }

    fn next(&mut self) -> Result<Token, String> {
        self.at += 1;
        self.tokens
            .get(self.at - 1)
            .cloned()
            .ok_or_else(|| "the rule ends early".to_owned())
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.and()?;
        while self.take("||") {
            left = Expression::Binary("||", left.into(), self.and()?.into());
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            left = Expression::Binary("&&", left.into(), self.comparison()?.into());
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let left = self.unary()?;
        for symbol in ["==", "!=", "<=", ">=", "<", ">"] {
            if self.take(symbol) {
                return Ok(Expression::Binary(symbol, left.into(), self.unary()?.into()));
            }
        }
        if self.tokens.get(self.at) == Some(&Token::Name("in".to_owned())) {
            self.at += 1;
            return Ok(Expression::Binary("in", left.into(), self.unary()?.into()));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        if self.take("!") {
            return Ok(Expression::Not(self.unary()?.into()));
        }
        let mut value = self.value()?;
        while self.take(".") {
            let Token::Name(name) = self.next()? else {
                return Err("a name is missing after a point".to_owned());
            };
            if self.take("(") {
                if !["size", "startsWith", "endsWith", "contains"].contains(&name.as_str()) {
                    return Err(format!("an unknown function: {name}"));
                }
                let argument = match name.as_str() {
                    "size" => None,
                    _ => Some(self.or()?.into()),
                };
                self.expect(")")?;
                value = Expression::Call(name, value.into(), argument);
            } else {
                value = Expression::Member(value.into(), name);
            }
        }
        Ok(value)
    }

    fn value(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.or()?);
                self.take(",");
            }
            return Ok(Expression::List(items));
        }
        if self.take("-") {
            return match self.next()? {
                Token::Number(number) => Ok(Expression::Literal((-number).into())),
                other => Err(format!("an unknown value: {other:?}")),
            };
        }
        match self.next()? {
            Token::Number(number) => Ok(Expression::Literal(number.into())),
            Token::Text(text) => Ok(Expression::Literal(text.into())),
            Token::Name(name) => match name.as_str() {
                "true" | "false" => Ok(Expression::Literal((name == "true").into())),
                "null" => Ok(Expression::Literal(Value::Null)),
                "self" | "oldSelf" => Ok(Expression::Root {
                    is_old: name == "oldSelf",
                }),
                "has" | "size" => {
                    self.expect("(")?;
                    let inner = self.or()?;
                    self.expect(")")?;
                    Ok(match name.as_str() {
                        "has" => Expression::Has(inner.into()),
                        _ => Expression::Call(name, inner.into(), None),
                    })
                }
                _ => Err(format!("an unknown name: {name}")),
            },
            other => Err(format!("an unknown value: {other:?}")),
        }
    }
}

fn parse(text: &str) -> Result<Expression, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let expression = parser.or()?;
    match parser.at == parser.tokens.len() {
        true => Ok(expression),
        false => Err(format!("unexpected token {:?}", parser.tokens[parser.at])),
    }
}

/// Returns an error if a rule uses a feature of CEL that this module does not support.
pub(super) fn check(text: &str) -> Result<(), String> {
    parse(text).map(|_| ())
}

/// Evaluates a rule. `own` is the value of `self`, and `old` is the value of `oldSelf`.
pub(super) fn evaluate(text: &str, own: &Value, old: Option<&Value>) -> Result<Value, String> {
    evaluate_expression(&parse(text)?, own, old)
}

fn evaluate_expression(expression: &Expression, own: &Value, old: Option<&Value>) -> Result<Value, String> {
    let of = |inner: &Expression| evaluate_expression(inner, own, old);
    let truth = |inner: &Expression| of(inner)?.as_bool().ok_or_else(|| "no such overload".to_owned());
    match expression {
        Expression::Literal(value) => Ok(value.clone()),
        Expression::List(items) => items
            .iter()
            .map(of)
            .collect::<Result<Vec<Value>, String>>()
            .map(Value::from),
        Expression::Root { is_old: false } => Ok(own.clone()),
        Expression::Root { is_old: true } => old.cloned().ok_or_else(|| "no old value".to_owned()),
        Expression::Member(inner, name) => {
            let value = of(inner)?;
            value.get(name).cloned().ok_or_else(|| format!("no such key: {name}"))
        }
        Expression::Has(inner) => match &**inner {
            Expression::Member(object, name) => Ok(of(object)?.get(name).is_some().into()),
            _ => Err("invalid argument to has() macro".to_owned()),
        },
        Expression::Call(name, inner, argument) => {
            let value = of(inner)?;
            let argument = argument.as_deref().map(of).transpose()?;
            let (text, argument) = (
                value.as_str(),
                argument.as_ref().and_then(Value::as_str).unwrap_or_default(),
            );
            match (name.as_str(), text, &value) {
                ("size", Some(text), _) => Ok(text.chars().count().into()),
                ("size", _, Value::Array(items)) => Ok(items.len().into()),
                ("size", _, Value::Object(members)) => Ok(members.len().into()),
                ("startsWith", Some(text), _) => Ok(text.starts_with(argument).into()),
                ("endsWith", Some(text), _) => Ok(text.ends_with(argument).into()),
                ("contains", Some(text), _) => Ok(text.contains(argument).into()),
                _ => Err("no such overload".to_owned()),
            }
        }
        Expression::Not(inner) => Ok((!truth(inner)?).into()),
        // If the value of one side determines the result of `||` or `&&`, an error of the other side is ignored.
        Expression::Binary("||", a, b) => match (truth(a), truth(b)) {
            (Ok(true), _) | (_, Ok(true)) => Ok(json!(true)),
            (a, b) => Ok((a? || b?).into()),
        },
        Expression::Binary("&&", a, b) => match (truth(a), truth(b)) {
            (Ok(false), _) | (_, Ok(false)) => Ok(json!(false)),
            (a, b) => Ok((a? && b?).into()),
        },
        Expression::Binary(symbol, a, b) => {
            let (a, b) = (of(a)?, of(b)?);
            let numbers = || a.as_f64().zip(b.as_f64()).ok_or_else(|| "no such overload".to_owned());
            Ok(match *symbol {
                "==" => a == b,
                "!=" => a != b,
                "<" => numbers().map(|(a, b)| a < b)?,
                "<=" => numbers().map(|(a, b)| a <= b)?,
                ">" => numbers().map(|(a, b)| a > b)?,
                ">=" => numbers().map(|(a, b)| a >= b)?,
                _ => match b {
                    Value::Array(items) => items.contains(&a),
                    Value::Object(members) => a.as_str().is_some_and(|name| members.contains_key(name)),
                    _ => return Err("no such overload".to_owned()),
                },
            }
            .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_product_are_evaluated() {
        let check = |rule: &str, own: Value, old: Value, expected: Result<bool, &str>| {
            let found = evaluate(rule, &own, Some(&old));
            assert_eq!(found, expected.map(Value::from).map_err(str::to_owned), "{rule}");
        };
        let stop = "!oldSelf.stop || self.stop";
        check(stop, json!({"stop": true}), json!({"stop": false}), Ok(true));
        check(stop, json!({"stop": false}), json!({"stop": true}), Ok(false));
        check(stop, json!({"stop": true}), json!({}), Ok(true));
        check(stop, json!({}), json!({}), Err("no such key: stop"));
        check(
            "self.a.b == oldSelf.a.b",
            json!({"a": {"b": [1]}}),
            json!({"a": {"b": [1]}}),
            Ok(true),
        );
        check("has(self.a) != has(self.b)", json!({"a": 1}), json!({}), Ok(true));
        check(
            "self.min <= self.max && size(self.name) < 3",
            json!({"min": 1, "max": 1, "name": "ab"}),
            json!({}),
            Ok(true),
        );
        check("self.a in ['x', 'y']", json!({"a": "z"}), json!({}), Ok(false));
        check(
            "self.a.startsWith(\"s3://\")",
            json!({"a": "s3://b"}),
            json!({}),
            Ok(true),
        );
    }

    #[test]
    fn a_rule_that_cannot_be_evaluated_is_an_error() {
        for rule in ["self.all(x, x > 1)", "self.a ? 1 : 2", "foo", "self.a =="] {
            assert!(check(rule).is_err(), "{rule}");
        }
    }
}
