//! Parameters of Systems Manager, kept as records so that set-up scripts find again what they wrote.

use crate::Ctx;
use std::collections::BTreeMap;
use tastemaker_domain::parameter_store::{Parameter, check_name};
use tastemaker_domain::{Error, Result};
use tastemaker_store::records;

/// The kind of parameters whose values are sealed.
const SECURE: &str = "SecureString";

/// The customer's part of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParameter {
    /// A word, or a path from `/`.
    pub name: String,
    /// `String`, `StringList` or `SecureString`; the present one's when it is not given.
    pub kind: Option<String>,
    /// Any text.
    pub value: String,
    /// For people.
    pub description: Option<String>,
    /// `text`, or what AWS checks values as.
    pub data_type: Option<String>,
    /// The customer's own notes.
    pub tags: BTreeMap<String, String>,
    /// Whether a present parameter is replaced.
    pub overwrite: bool,
}

/// Writes a parameter; its version counts the writes.
pub async fn put(ctx: &Ctx, new: NewParameter) -> Result<Parameter> {
    check_name(&new.name)?;
    let new = &new;
    ctx.transact(|tx| async move {
        let found = records::load::<Parameter>(&*ctx.stores.records, &new.name).await?;
        let now_ms = ctx.now();
        let before = found.as_ref().map(|(_, old)| old.kind.clone());
        let kind = new.kind.clone().or(before).unwrap_or_else(|| "String".to_owned());
        let sealed = kind == SECURE;
        let value = || match sealed {
            true => ctx.parameter_key.seal(&new.name, &new.value).map_err(|_| cannot("sealed", &new.name)),
            false => Ok(new.value.clone()),
        };
        let Some((at, old)) = found else {
            let parameter = Parameter {
                name: new.name.clone(),
                kind,
                value: value()?,
                sealed,
                version: 1,
                description: new.description.clone(),
                data_type: new.data_type.clone().unwrap_or_else(|| "text".to_owned()),
                tags: new.tags.clone(),
                created_ms: now_ms,
                modified_ms: now_ms,
            };
            tx.create(&parameter)?;
            return Ok(parameter);
        };
        if !new.overwrite {
            return Err(Error::AlreadyExists(
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
                    .to_owned(),
            ));
        }
        let parameter = Parameter {
            kind,
            value: value()?,
            sealed,
            version: old.version + 1,
            description: new.description.clone().or(old.description),
            data_type: new.data_type.clone().unwrap_or(old.data_type),
            modified_ms: now_ms,
            ..old
        };
        tx.replace(at, &parameter)?;
        Ok(parameter)
    })
    .await
}

/// The text of a parameter's value.
pub fn revealed(ctx: &Ctx, parameter: &Parameter) -> Result<String> {
    if !parameter.sealed {
        return Ok(parameter.value.clone());
    }
    let opened = ctx.parameter_key.open(&parameter.name, &parameter.value);
    opened.map_err(|_| cannot("opened", &parameter.name))
}

fn cannot(what: &str, name: &str) -> Error {
    Error::Internal(format!(
        "The value of the parameter {name} cannot be {what}: the key of SecureString parameters is not the one that it was sealed with."
    ))
}

/// The parameter of this name, its value as it is kept, if there is one.
pub async fn find(ctx: &Ctx, name: &str) -> Result<Option<Parameter>> {
    Ok(records::load::<Parameter>(&*ctx.stores.records, name).await?.map(|(_, parameter)| parameter))
}

/// Every parameter, by name, with the values as they are kept.
pub async fn list(ctx: &Ctx) -> Result<Vec<Parameter>> {
    Ok(records::list::<Parameter>(&*ctx.stores.records).await?.into_iter().map(|(_, parameter)| parameter).collect())
}

/// Removes a parameter; whether there was one.
pub async fn delete(ctx: &Ctx, name: &str) -> Result<bool> {
    ctx.transact(|tx| async move {
        match records::load::<Parameter>(&*ctx.stores.records, name).await? {
            Some((at, parameter)) => {
                tx.remove(at, &parameter);
                Ok(true)
            }
            None => Ok(false),
        }
    })
    .await
}
