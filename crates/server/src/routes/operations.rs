//! Every operation of the API: what answers it, and what the OpenAPI document says about it. The
//! router and the document are both made from this list.

use axum::http::request::Parts;

use super::call::Call;
use super::edit::ReadEdit;
use super::query::Query;
use super::reply::Reply;
use super::{
    about, acls, annotations, attributes, backup, batch, create, datasets, domain, domains, links,
    objects, openapi, queries, shape, values,
};
use crate::error::Result;

/// One method on one path.
#[derive(Debug)]
pub struct Operation {
    /// Its name in the OpenAPI document and in metrics.
    pub id: &'static str,
    /// GET, PUT, POST or DELETE; GET answers HEAD, too.
    pub method: &'static str,
    /// Its path; [`COLLECTION`] at the beginning stands for each of the three collections.
    pub path: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Names of its query parameters besides `domain` and `bucket`, see `openapi_parameters`.
    pub query: &'static [&'static str],
    /// What its body is.
    pub takes: Body,
    /// What its answer is.
    pub gives: Body,
    /// Statuses of success.
    pub success: &'static [u16],
    /// Whether it changes nothing: those without a name may ask, as far as rights let them.
    pub lookup: bool,
    /// Without parameters that ask for lists it reads a few small records, and nothing else.
    pub quick: bool,
    /// What answers it.
    pub answer: fn(&Call) -> Result<Reply>,
    /// What reads it as one change of a batch, if it can be one.
    pub batched: Option<ReadEdit>,
    /// The same where the request is nothing else, also outside of a batch: it may be read by the
    /// thread that commits, just before it is made.
    pub edit: Option<ReadEdit>,
}

/// What a request or an answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// A document of this schema.
    Json(&'static str),
    /// A document of this schema, or elements in wire form.
    Elements(&'static str),
    /// Bytes of a form of their own.
    Octets,
    /// Text for Prometheus.
    Metrics,
}

use Body::{Elements, Json};

/// Stands for `/groups`, `/datasets` and `/datatypes`.
pub const COLLECTION: &str = "/{collection}";

/// Statuses of failure that any operation may have.
pub const FAILURES: [u16; 11] = [400, 401, 403, 404, 408, 410, 413, 415, 431, 503, 507];
/// And those that any change may have besides.
pub const CONFLICT: u16 = 409;

impl Operation {
    /// Whether the OpenAPI document has this status.
    pub fn documents(&self, status: u16) -> bool {
        let not_modified = self.method == "GET" && status == 304;
        let conflict = self.method != "GET" && status == CONFLICT;
        self.success.contains(&status) || FAILURES.contains(&status) || not_modified || conflict
    }

    /// Whether a request is answered at once, by the thread that received it: to hand it to another
    /// one would take longer than to answer it.
    pub fn is_quick(&self, request: &Parts) -> bool {
        if !self.quick {
            return false;
        }
        // Names may be spelled in several ways.
        let query = Query::parse(request.uri.query().unwrap_or_default());
        let lists = ["include_links", "include_attrs", "getalias", "verbose"];
        !lists.iter().any(|name| query.flag(name))
    }

    /// The paths it is on.
    pub fn paths(&self) -> Vec<String> {
        match self.path.strip_prefix(COLLECTION) {
            None => vec![self.path.to_owned()],
            Some(rest) => ["/groups", "/datasets", "/datatypes"]
                .map(|collection| format!("{collection}{rest}"))
                .into(),
        }
    }
}

const fn operation(
    id: &'static str,
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    answer: fn(&Call) -> Result<Reply>,
) -> Operation {
    Operation {
        id,
        method,
        path,
        summary,
        query: &[],
        takes: Body::None,
        gives: Json("Object"),
        success: &[200],
        // "GET" is the only method that begins so.
        lookup: method.as_bytes()[0] == b'G',
        quick: false,
        answer,
        batched: None,
        edit: None,
    }
}

impl Operation {
    const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    const fn takes(mut self, body: Body) -> Self {
        self.takes = body;
        self
    }

    const fn gives(mut self, body: Body) -> Self {
        self.gives = body;
        self
    }

    const fn batched(mut self, read: ReadEdit) -> Self {
        self.batched = Some(read);
        self
    }

    const fn edit(mut self, read: ReadEdit) -> Self {
        self.edit = Some(read);
        self.batched(read)
    }

    /// A POST that only looks things up, because the URL has no room for what is asked.
    const fn lookup(mut self) -> Self {
        self.lookup = true;
        self
    }

    const fn quick(mut self) -> Self {
        self.quick = true;
        self
    }

    const fn success(mut self, statuses: &'static [u16]) -> Self {
        self.success = statuses;
        self
    }
}

const PAGE: &[&str] = &["Limit", "Marker", "pattern", "CreateOrder", "follow_links"];

/// All of them.
#[rustfmt::skip]
pub static ALL: &[Operation] = &[
    // The server.
    operation("getAbout", "GET", "/about", "What this server is", about::about).gives(Json("About")),
    operation("getInfo", "GET", "/info", "State of this server", about::info),
    operation("getMetrics", "GET", "/metrics", "Counters, for Prometheus", about::metrics).gives(Body::Metrics),
    operation("getOpenApi", "GET", "/openapi.json", "This document", openapi::get),
    operation("getBackup", "GET", "/backup", "Everything that the server keeps, for its administrator (`h5rest backup`)", backup::get).gives(Body::Octets),
    // Domains.
    operation("getDomain", "GET", "/", "A domain or folder; with h5path, the object there; without a domain, the top folders", domain::get)
        .query(&["h5path", "parent_id", "include_links", "include_attrs", "follow_soft_links", "follow_external_links", "verbose", "getobjs", "max_objects", "max_bytes", "max_data_size", "getdnids", "Limit", "Marker", "pattern", "query"]),
    operation("putDomain", "PUT", "/", "Make a domain or folder, or flush one", domain::put)
        .query(&["folder", "flush", "rescan", "getdnids"]).takes(Json("NewDomain")).success(&[200, 201, 204]),
    operation("postDomain", "POST", "/", "Objects by their paths, or by their ids", domain::post)
        .query(&["include_links", "include_attrs", "follow_soft_links", "follow_external_links", "per_path", "follow_links", "max_objects", "max_bytes", "max_data_size"]).takes(Json("Paths")).lookup(),
    operation("deleteDomain", "DELETE", "/", "Delete a domain or an empty folder", domain::delete)
        .query(&["keep_root", "meta_only"]).takes(Json("DeleteDomain")).gives(Json("Null")),
    operation("getDomains", "GET", "/domains", "The entries of a folder", domains::list)
        .query(&["Limit", "Marker", "pattern", "query", "verbose"]).gives(Json("Domains")),
    operation("postBatch", "POST", "/batch", "Make many changes of a domain's metadata in one commit, each as by a request of its own (not on HSDS)", batch::post)
        .takes(Json("Batch")).gives(Json("Verdicts")),
    // Rights.
    operation("getAcls", "GET", "/acls", "All rights in a domain", acls::list).gives(Json("Acls")),
    operation("getAcl", "GET", "/acls/{user}", "A user's rights in a domain", acls::get).gives(Json("AclAnswer")),
    operation("putAcl", "PUT", "/acls/{user}", "Set some of a user's rights", acls::put).takes(Json("Acl")).success(&[201]),
    operation("getObjectAcls", "GET", "/{collection}/{id}/acls", "All rights with an object (not on HSDS)", acls::list).gives(Json("Acls")),
    operation("getObjectAcl", "GET", "/{collection}/{id}/acls/{user}", "A user's rights with an object (not on HSDS)", acls::get).gives(Json("AclAnswer")),
    operation("putObjectAcl", "PUT", "/{collection}/{id}/acls/{user}", "Set some of a user's rights with an object (not on HSDS)", acls::put).takes(Json("Acl")).success(&[201]),
    // Objects.
    operation("getObjects", "GET", "/{collection}", "The ids of a collection, or the object at h5path", objects::list)
        .query(&["Limit", "Marker", "h5path", "parent_id", "include_links", "include_attrs", "follow_soft_links", "follow_external_links"]),
    operation("postGroup", "POST", "/groups", "Make a group, or several", create::post)
        .query(&["implicit", "h5path", "parent_id"]).takes(Json("NewGroups")).gives(Json("Created")).success(&[201]).batched(create::post_edit),
    operation("postDataset", "POST", "/datasets", "Make a dataset, or several", create::post)
        .query(&["implicit", "h5path", "parent_id"]).takes(Json("NewDatasets")).gives(Json("Created")).success(&[201]).batched(create::post_edit),
    operation("postDatatype", "POST", "/datatypes", "Commit a datatype, or several", create::post)
        .query(&["implicit", "h5path", "parent_id"]).takes(Json("NewDatatypes")).gives(Json("Created")).success(&[201]).batched(create::post_edit),
    operation("getObject", "GET", "/{collection}/{id}", "An object", objects::get)
        .query(&["include_links", "include_attrs", "getalias", "verbose"]).gives(Json("StoredObject")).quick(),
    operation("deleteObject", "DELETE", "/{collection}/{id}", "Delete an object; links to it stay", objects::delete).batched(objects::delete_edit),
    operation("getAnnotations", "GET", "/{collection}/{id}/annotations", "What clients keep with an object beside its attributes", annotations::get).gives(Json("Annotations")),
    operation("putAnnotations", "PUT", "/{collection}/{id}/annotations", "Change annotations of an object; null takes one away", annotations::put).takes(Json("Object")).edit(annotations::put_edit),
    // Links.
    operation("getLinks", "GET", "/groups/{id}/links", "The links of a group", links::list).query(PAGE).gives(Json("Links")),
    operation("postLinks", "POST", "/groups/{id}/links", "Links by their titles", links::lookup)
        .query(PAGE).takes(Json("FindLinks")).gives(Json("Links")).lookup(),
    operation("putLinks", "PUT", "/groups/{id}/links", "Make links in one group or several", links::put_many)
        .query(&["replace"]).takes(Json("NewLinks")).success(&[200, 201]).edit(links::put_many_edit),
    operation("deleteLinks", "DELETE", "/groups/{id}/links", "Delete links", links::delete_many).query(&["titles", "separator", "leads_to"]).edit(links::delete_many_edit),
    operation("getLink", "GET", "/groups/{id}/links/{title}", "A link", links::get).gives(Json("LinkAnswer")).quick(),
    operation("putLink", "PUT", "/groups/{id}/links/{title}", "Make a link", links::put).takes(Json("Link")).success(&[200, 201]).edit(links::put_edit),
    operation("deleteLink", "DELETE", "/groups/{id}/links/{title}", "Delete a link", links::delete).query(&["leads_to"]).edit(links::delete_edit),
    // Attributes.
    operation("getAttributes", "GET", "/{collection}/{id}/attributes", "The attributes of an object", attributes::list)
        .query(&["Limit", "Marker", "pattern", "CreateOrder", "follow_links", "IncludeData", "max_data_size", "encoding", "ignore_nan"]).gives(Json("Attributes")),
    operation("postAttributes", "POST", "/{collection}/{id}/attributes", "Attributes by their names", attributes::lookup)
        .query(&["IncludeData", "max_data_size", "encoding", "ignore_nan", "Limit", "Marker", "pattern", "CreateOrder"]).takes(Json("FindAttributes")).gives(Json("Attributes")).lookup(),
    operation("putAttributes", "PUT", "/{collection}/{id}/attributes", "Make attributes of one object or several", attributes::put_many)
        .query(&["replace"]).takes(Json("NewAttributes")).success(&[200, 201]).edit(attributes::put_many_edit),
    operation("deleteAttributes", "DELETE", "/{collection}/{id}/attributes", "Delete attributes", attributes::delete_many)
        .query(&["attr_names", "separator", "encoding"]).edit(attributes::delete_many_edit),
    operation("getAttribute", "GET", "/{collection}/{id}/attributes/{name}", "An attribute", attributes::get)
        .query(&["IncludeData", "max_data_size", "encoding", "ignore_nan"]).gives(Json("Attribute")).quick(),
    operation("putAttribute", "PUT", "/{collection}/{id}/attributes/{name}", "Make an attribute", attributes::put)
        .query(&["replace"]).takes(Json("NewAttribute")).success(&[200, 201]).edit(attributes::put_edit),
    operation("renameAttribute", "POST", "/{collection}/{id}/attributes/{name}", "Give an attribute another name (not on HSDS)", attributes::rename)
        .takes(Json("NewName")).edit(attributes::rename_edit),
    operation("deleteAttribute", "DELETE", "/{collection}/{id}/attributes/{name}", "Delete an attribute", attributes::delete).edit(attributes::delete_edit),
    operation("getAttributeValue", "GET", "/{collection}/{id}/attributes/{name}/value", "The value of an attribute", attributes::get_value)
        .query(&["encoding", "ignore_nan", "null_strings"]).gives(Elements("Value")).quick(),
    operation("putAttributeValue", "PUT", "/{collection}/{id}/attributes/{name}/value", "Set the value of an attribute", attributes::put_value)
        .takes(Elements("NewValue")).edit(attributes::put_value_edit),
    // Datasets.
    operation("getType", "GET", "/datasets/{id}/type", "The type of a dataset", datasets::get_type).quick(),
    operation("getShape", "GET", "/datasets/{id}/shape", "The shape of a dataset", shape::get).gives(Json("ShapeAnswer")).quick(),
    operation("putShape", "PUT", "/datasets/{id}/shape", "Change the extent of a dataset", shape::put).takes(Json("NewShape")).success(&[201]).batched(shape::grow_edit),
    operation("getValue", "GET", "/datasets/{id}/value", "Elements of a dataset", values::get)
        .query(&["select", "regionref", "fields", "query", "Limit", "reduce_dim", "ignore_nan", "null_strings"])
        .gives(Elements("Value")).success(&[200, 204]),
    operation("postValue", "POST", "/datasets/{id}/value", "Elements by points or by a long selection", values::post)
        .query(&["fields", "query", "Limit", "ignore_nan", "null_strings"]).takes(Elements("FindValues")).gives(Elements("Value")).lookup(),
    operation("putValue", "PUT", "/datasets/{id}/value", "Store elements", values::put)
        .query(&["select", "regionref", "fields", "query", "Limit", "element_count", "append", "append_dim"]).takes(Elements("NewValues")).gives(Elements("Object")).batched(values::put_edit),
    operation("getQuery", "GET", "/datasets/{id}/query", "Where elements are for which a query holds", queries::indices)
        .query(&["query", "select", "Limit"]).gives(Elements("Indices")),
];

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn what_is_answered_at_once() {
        let is_quick = |id: &str, query: &str| {
            let operation = ALL.iter().find(|operation| operation.id == id).unwrap();
            let request = Request::get(format!("/x?domain=/home/u/f&{query}"));
            let (parts, ()) = request.body(()).unwrap().into_parts();
            operation.is_quick(&parts)
        };
        for query in ["", "bucket=include_links", "include_links=0", "verbose="] {
            assert!(is_quick("getObject", query), "{query}");
        }
        for query in [
            "include_links=1",
            "include_attrs=1",
            "getalias=1",
            "verbose=1",
            "%69nclude_links=1",
            "get%61lias=T",
            "verb%6Fse=x",
        ] {
            assert!(!is_quick("getObject", query), "{query}");
        }
        assert!(!is_quick("getLinks", ""));
    }
}
